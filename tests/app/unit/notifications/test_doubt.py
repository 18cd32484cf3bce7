"""Telling one user once, whatever happens in between: messages in doubt, and claims that are lost or late."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from pipeline.errors import TableBusy
from pipeline.notifications.choices import Outcome
from pipeline.notifications.claims import Step
from pipeline.notifications.table import NotificationTable, UserState
from pipeline.notifications.telling import Teller
from tests.app.support.notifying import (
    ITEMS,
    RECIPIENT,
    SENT,
    TABLE,
    Died,
    Provider,
    cancelled,
    claim,
    entries,
    refusal,
)
from tests.support.pauses import LongestPauses


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.usefixtures("phone")
def test_a_message_in_doubt_is_counted_and_not_sent_again(
    teller: Teller, table: NotificationTable, provider: Provider, at: int
) -> None:
    channel = ("push", "email")[at]
    provider.answers = [None] * at + [Died()]
    with pytest.raises(Died):
        teller.tell(RECIPIENT, ITEMS)
    assert claim(table).states[channel] == "claimed"
    again = teller.tell(RECIPIENT, ITEMS)
    assert again[channel] == Outcome("uncertain")
    assert again["in_app"] == SENT and entries(table) == 1
    assert len(provider.sent) == 2, "one in doubt, one sent"
    other = "email" if channel == "push" else "push"
    assert again[other] == SENT


def test_a_claim_that_is_marked_while_another_looks_at_it_is_not_in_doubt(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    """The functions of a stopped execution live on beside those of the redriven one."""
    provider.answers = [Died()]
    with pytest.raises(Died):
        teller.tell(RECIPIENT, ITEMS)
    marks: list[Step] = [Step(marks={"email": ("sent", "")})]

    class MarkedMeanwhile(NotificationTable):
        def state(self, user: str, week: str, notification: str) -> UserState:
            read = super().state(user, week, notification)
            if marks:
                teller.claims.write(user, marks.pop(), ())
            return read

    late = replace(teller.claims, table=MarkedMeanwhile(table.client, TABLE))
    assert replace(teller, claims=late).tell(RECIPIENT, ITEMS)["email"] == SENT
    assert not marks and claim(table).states["email"] == "sent"


@pytest.mark.usefixtures("phone")
def test_a_person_may_decide_that_messages_in_doubt_are_sent_again(
    teller: Teller, provider: Provider
) -> None:
    provider.answers = [Died()]
    with pytest.raises(Died):
        teller.tell(RECIPIENT, ITEMS)
    rules, claims = replace(teller.rules, resends_uncertain=True), replace(teller.claims, run="run-2")
    decided = replace(teller, rules=rules, claims=claims).tell(RECIPIENT, ITEMS)
    assert (decided["push"], decided["email"]) == (SENT, SENT)
    assert len([m for m in provider.sent if "TargetArn" in m]) == 2


def test_a_run_sends_messages_in_doubt_again_once_however_often_it_is_repeated(
    teller: Teller, provider: Provider
) -> None:
    provider.answers = [ReadTimeoutError(endpoint_url="https://ses")] * 4
    assert teller.tell(RECIPIENT, ITEMS)["email"].kind == "uncertain"
    rules = replace(teller.rules, resends_uncertain=True)
    for run, sent in (("run-2", 2), ("run-3", 3)):
        again = replace(teller, rules=rules, claims=replace(teller.claims, run=run))
        for _ in range(3):
            assert again.tell(RECIPIENT, ITEMS)["email"].kind == "uncertain"
        assert len(provider.sent) == sent


def test_an_answer_that_never_came_leaves_the_e_mail_in_doubt(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    provider.answers = [ReadTimeoutError(endpoint_url="https://ses")]
    assert teller.tell(RECIPIENT, ITEMS)["email"].kind == "uncertain"
    assert teller.tell(RECIPIENT, ITEMS)["email"].kind == "uncertain"
    assert len(provider.sent) == 1
    provider.answers = [refusal("InternalFailure", status=500)]
    assert teller.tell(replace(RECIPIENT, user="8"), ITEMS)["email"].kind == "uncertain"


@pytest.mark.parametrize("during", ["publish", "send_email"])
@pytest.mark.usefixtures("phone")
def test_a_call_that_comes_while_another_one_is_sending_sends_nothing_twice(
    teller: Teller, table: NotificationTable, provider: Provider, during: str
) -> None:
    send = getattr(provider, during)

    def sending(**request: Any) -> dict[str, str]:
        setattr(provider, during, send)
        teller.tell(RECIPIENT, ITEMS)
        return dict(send(**request))

    setattr(provider, during, sending)
    assert teller.tell(RECIPIENT, ITEMS) == {"in_app": SENT, "push": SENT, "email": SENT}
    assert len([m for m in provider.sent if "TargetArn" in m]) == 1
    assert len([m for m in provider.sent if "Destination" in m]) == 1
    assert entries(table) == 1
    assert claim(table).states == {"in_app": "sent", "push": "sent", "email": "sent"}


@pytest.mark.parametrize("in_app", [True, False])
@pytest.mark.usefixtures("phone", "lost_answers")
def test_a_claim_whose_answer_was_lost_is_one_s_own_when_it_is_written_again(
    teller: Teller, table: NotificationTable, provider: Provider, in_app: bool
) -> None:
    outcomes = teller.tell(replace(RECIPIENT, in_app=in_app), ITEMS)
    assert (outcomes["push"], outcomes["email"]) == (SENT, SENT)
    assert len(provider.sent) == 2 and entries(table) == in_app


@pytest.mark.usefixtures("lost_answers")
def test_a_doubt_whose_answer_was_lost_is_noted_all_the_same(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    provider.answers = [Died()]
    with pytest.raises(Died):
        teller.tell(RECIPIENT, ITEMS)
    assert teller.tell(RECIPIENT, ITEMS)["email"] == Outcome("uncertain")
    assert claim(table).states["email"] == "uncertain"


@pytest.mark.parametrize("reason", ["ThrottlingError", "TransactionConflict"])
def test_a_claim_that_dynamodb_puts_off_is_written_after_a_pause(
    teller: Teller, provider: Provider, put_off: list[ClientError], reason: str
) -> None:
    pauses: list[float] = []
    patient = replace(teller, sender=replace(teller.sender, sleep=pauses.append, rng=LongestPauses()))
    put_off += [cancelled(reason)] * 3
    assert patient.tell(RECIPIENT, ITEMS)["email"] == SENT
    assert pauses == [1, 2, 4] and len(provider.sent) == 1
    put_off += [cancelled(reason)] * 5
    with pytest.raises(TableBusy, match=reason):
        patient.tell(replace(RECIPIENT, user="8"), ITEMS)


def test_a_claim_that_dynamodb_refuses_is_not_tried_again(
    teller: Teller, provider: Provider, put_off: list[ClientError]
) -> None:
    put_off += [cancelled("ValidationError")] * 2
    with pytest.raises(ClientError, match="cancelled"):
        teller.tell(RECIPIENT, ITEMS)
    assert len(put_off) == 1 and not provider.sent
