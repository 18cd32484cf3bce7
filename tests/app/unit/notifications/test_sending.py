"""Telling one user: what is sent, what is not, and that it is sent once whatever happens in between."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from pipeline.errors import ProviderUnavailable, TableBusy
from pipeline.notifications.choices import Outcome, Rules
from pipeline.notifications.claims import Claim, Claims, Step
from pipeline.notifications.messages import Content, Language
from pipeline.notifications.recipients import Recipient
from pipeline.notifications.sending import Sender
from pipeline.notifications.table import NotificationTable, UserState, device_sk, inbox_sk, key, user_pk
from pipeline.notifications.telling import Mailing, Teller
from pipeline.notifications.unsubscribing import UnsubscribeLinks, unsubscribe

TABLE, WEEK, NAME = "recs-test-serving", "2026-W47", "weekly_programs"
SENT = Outcome("sent")
RECIPIENT = Recipient(
    user="7", email="seven@example.com", language="de", in_app=True, push=True, emails=True, quiet=False,
    active_program=False, own=(),
)  # fmt: skip
WORDS = Language(
    push_title="Neu", push_body="{title}!", inbox_title="Neu", inbox_body="„{title}“", template="t-de"
)
ITEMS = ("1", "2", "3", "4")


WRITES = ("UpdateItem", "TransactWriteItems")


class Died(BaseException):
    """The process is killed here."""


class Provider:
    """SES and SNS; `answers` are raised or called instead of sending, one for each request."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.answers: list[Any] = []

    def _take(self, request: dict[str, Any]) -> dict[str, str]:
        answer = self.answers.pop(0) if self.answers else None
        if isinstance(answer, BaseException) and not isinstance(answer, (Died, ReadTimeoutError)):
            raise answer
        self.sent.append(request)
        if answer is not None:
            raise answer
        return {"MessageId": "m"}

    def publish(self, **request: Any) -> dict[str, str]:
        return self._take(request)

    def send_email(self, **request: Any) -> dict[str, str]:
        return self._take(request)


def refusal(code: str, operation: str = "SendEmail", status: int = 400, message: str = "") -> ClientError:
    metadata = {"HTTPStatusCode": status}
    response: Any = {"Error": {"Code": code, "Message": message or code}, "ResponseMetadata": metadata}
    return ClientError(response, operation)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def table(dynamodb: Any) -> NotificationTable:
    return NotificationTable(dynamodb, TABLE)


@pytest.fixture
def lost_answers(table: NotificationTable) -> Iterator[None]:
    """The first answer to every write of a claim is lost, and botocore repeats the request."""
    events = table.client.meta.events

    def repeat(attempts: int, **_: Any) -> int | None:
        return 0 if attempts == 1 else None

    for write in WRITES:
        events.register(f"needs-retry.dynamodb.{write}", repeat)
    yield
    for write in WRITES:
        events.unregister(f"needs-retry.dynamodb.{write}", repeat)


@pytest.fixture
def teller(table: NotificationTable, provider: Provider) -> Teller:
    return Teller(
        claims=Claims(table, NAME, WEEK, "run-1", "g1", 2_000_000_000),
        sender=Sender(provider, provider, lambda _: None, random.Random(1)),
        content=Content(
            notification=NAME,
            use_case="programs",
            variant="personalize",
            generation="g1",
            entry=f"{WEEK}.{NAME}",
            titles={item: f"<Title> {item}" for item in ITEMS},
            item_url="https://app.example.com/{item}",
            languages={"de": WORDS, "en": WORDS},
            default_language="en",
        ),
        rules=Rules(email_items=3, has_push=True, has_email=True),
        mailing=Mailing(
            sender='"A" <a@example.com>',
            configuration_set="settings",
            api_address="https://api.example",
            links=UnsubscribeLinks("secret"),
        ),
        entry_expires=2_000_000_000,
        clock=lambda: 1_800_000_000.0,
    )


def add_device(table: NotificationTable, name: str, registered: int = 1) -> None:
    item = {
        **key(user_pk("7"), device_sk(name)),
        "endpoint": {"S": f"arn:{name}"},
        "platform": {"S": "ios"},
        "registered": {"N": str(registered)},
    }
    table.client.put_item(TableName=TABLE, Item=item)


@pytest.fixture
def phone(table: NotificationTable) -> None:
    add_device(table, "phone")


def entries(table: NotificationTable) -> int:
    found = table.client.query(
        TableName=TABLE,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": {"S": user_pk("7")}, ":sk": {"S": inbox_sk("")}},
    )
    return int(found["Count"])


def claim(table: NotificationTable) -> Claim:
    return Claim.of(table.state("7", WEEK, NAME).claim)


@pytest.mark.usefixtures("phone")
def test_a_user_who_agreed_to_everything_gets_an_entry_a_push_message_and_an_e_mail(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    assert teller.tell(RECIPIENT, ITEMS) == {"in_app": SENT, "push": SENT, "email": SENT}
    push, mail = provider.sent
    assert push["TargetArn"] == "arn:phone" and "<Title> 1" in push["Message"]
    content = mail["Content"]["Template"]
    headers = {header["Name"]: header["Value"] for header in content["Headers"]}
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert headers["List-Unsubscribe"].startswith("<https://api.example/v1/unsubscribe?token=")
    assert "&lt;Title&gt; 3" in content["TemplateData"] and "Title> 4" not in content["TemplateData"]
    assert mail["ConfigurationSetName"] == "settings"
    assert entries(table) == 1


@pytest.mark.usefixtures("phone")
def test_a_second_call_sends_nothing_in_this_run_or_another(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    teller.tell(RECIPIENT, ITEMS)
    assert set(teller.tell(RECIPIENT, ITEMS).values()) == {SENT}
    other = replace(teller, claims=replace(teller.claims, run="run-2"))
    already = Outcome("skipped", "already_told_this_week")
    assert set(other.tell(RECIPIENT, ITEMS).values()) == {already}
    assert len(provider.sent) == 2 and entries(table) == 1


@pytest.mark.parametrize(
    ("changes", "channel", "reason"),
    [
        ({"quiet": True}, "in_app", "quiet"),
        ({"quiet": True}, "push", "quiet"),
        ({"quiet": True}, "email", "quiet"),
        ({"in_app": False}, "in_app", "no_consent"),
        ({"push": False}, "push", "no_consent"),
        ({"emails": False}, "email", "no_consent"),
        ({"active_program": True}, "email", "active_program"),
        ({"email": None}, "email", "no_address"),
        ({"suppressed": True}, "email", "suppressed"),
    ],
)
@pytest.mark.usefixtures("phone")
def test_whoever_may_not_be_told_is_not(
    teller: Teller, provider: Provider, changes: dict[str, Any], channel: str, reason: str
) -> None:
    outcomes = teller.tell(replace(RECIPIENT, **changes), ITEMS)
    assert outcomes[channel] == Outcome("skipped", reason)
    kinds = {"push": "TargetArn", "email": "Destination"}
    assert channel not in kinds or not [m for m in provider.sent if kinds[channel] in m]


def test_no_device_no_items_and_too_few_items_are_reasons_too(teller: Teller, provider: Provider) -> None:
    assert teller.tell(RECIPIENT, ("1", "2")) == {
        "in_app": SENT, "push": Outcome("skipped", "no_device"), "email": Outcome("skipped", "too_few_items"),
    }  # fmt: skip
    nobody = replace(RECIPIENT, user="8")
    assert {o.reason for o in teller.tell(nobody, ()).values()} == {"nothing_to_recommend"}
    assert not provider.sent


def test_who_unsubscribed_by_a_link_gets_no_e_mail(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    unsubscribe(table, "7", now=1_800_000_000)
    assert teller.tell(RECIPIENT, ITEMS)["email"] == Outcome("skipped", "unsubscribed")
    assert not provider.sent


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


def test_a_refused_e_mail_has_failed_and_may_be_tried_again(teller: Teller, provider: Provider) -> None:
    provider.answers = [refusal("MessageRejected")]
    assert teller.tell(RECIPIENT, ITEMS)["email"] == Outcome("failed", "MessageRejected")
    assert teller.tell(RECIPIENT, ITEMS)["email"] == SENT


@pytest.mark.parametrize("code", ["SendingPausedException", "LimitExceededException", "NotFoundException"])
def test_a_provider_that_takes_nothing_ends_the_call_and_loses_nothing(
    teller: Teller, table: NotificationTable, provider: Provider, code: str
) -> None:
    provider.answers = [refusal(code)]
    with pytest.raises(ProviderUnavailable, match=code):
        teller.tell(RECIPIENT, ITEMS)
    assert entries(table) == 1
    assert teller.tell(RECIPIENT, ITEMS)["email"] == SENT


def test_haste_is_refused_and_repeated_as_nothing_was_sent(teller: Teller, provider: Provider) -> None:
    provider.answers = [refusal("TooManyRequestsException")] * 3
    assert teller.tell(RECIPIENT, ITEMS)["email"] == SENT
    provider.answers = [refusal("TooManyRequestsException")] * 6
    with pytest.raises(ProviderUnavailable, match="throttled"):
        teller.tell(replace(RECIPIENT, user="8"), ITEMS)


def test_one_push_message_to_the_newest_device_that_still_exists(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    for number, name in enumerate(("old", "new", "newest")):
        add_device(table, name, number)
    provider.answers = [refusal("EndpointDisabled", "Publish")]
    assert teller.tell(replace(RECIPIENT, emails=False), ITEMS)["push"] == SENT
    assert [message["TargetArn"] for message in provider.sent] == ["arn:new"]
    assert [device.id for device in table.state("7", WEEK, NAME).devices] == ["new", "old"]


def test_a_deleted_endpoint_is_a_device_that_is_gone(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    for number, name in enumerate(("old", "new")):
        add_device(table, name, number)
    deleted = "Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified"
    provider.answers = [refusal("InvalidParameter", "Publish", message=deleted)]
    assert teller.tell(replace(RECIPIENT, emails=False), ITEMS)["push"] == SENT
    assert [message["TargetArn"] for message in provider.sent] == ["arn:old"]
    assert [device.id for device in table.state("7", WEEK, NAME).devices] == ["old"]


@pytest.mark.usefixtures("phone")
def test_a_refused_push_message_says_nothing_about_its_device(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    provider.answers = [refusal("InvalidParameter", "Publish", message="Invalid parameter: Message too long")]
    assert teller.tell(RECIPIENT, ITEMS)["push"] == Outcome("failed", "InvalidParameter")
    assert [device.id for device in table.state("7", WEEK, NAME).devices] == ["phone"]


def test_what_the_user_has_joined_since_an_earlier_run_is_not_recommended_any_more(
    teller: Teller, provider: Provider
) -> None:
    teller.tell(replace(RECIPIENT, push=False, emails=False), ITEMS)
    later = replace(teller, claims=replace(teller.claims, run="run-2"))
    assert later.tell(replace(RECIPIENT, own=("1",)), ("4", "3", "2"))["email"] == SENT
    data = json.loads(provider.sent[0]["Content"]["Template"]["TemplateData"])
    assert [item["title"] for item in data["items"]] == ["<Title> 2", "<Title> 3", "<Title> 4"]


@pytest.mark.usefixtures("phone")
def test_all_channels_of_a_week_speak_of_the_same_item(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    provider.answers = [None, refusal("MessageRejected")]
    teller.tell(RECIPIENT, ITEMS)
    newer = replace(teller, claims=replace(teller.claims, run="run-2", generation="g2"))
    assert newer.tell(RECIPIENT, tuple(reversed(ITEMS)))["email"] == SENT
    assert "Title> 1" in provider.sent[-1]["Content"]["Template"]["TemplateData"]
    assert claim(table).items == ("1", "2", "3")


@pytest.mark.usefixtures("phone")
def test_a_preview_tells_what_would_be_sent_and_writes_nothing(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    outcomes, items = teller.preview(RECIPIENT, ITEMS)
    assert {outcome.kind for outcome in outcomes.values()} == {"send"} and items == ["1", "2", "3"]
    assert not provider.sent and not entries(table) and not table.state("7", WEEK, NAME).claim


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


def cancelled(reason: str) -> ClientError:
    response: Any = {
        "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
        "CancellationReasons": [{"Code": reason}, {"Code": "None"}],
    }
    return ClientError(response, "TransactWriteItems")


@pytest.fixture
def put_off(table: NotificationTable, monkeypatch: pytest.MonkeyPatch) -> list[ClientError]:
    """Cancellations that come before DynamoDB writes anything, one for each transaction."""
    cancellations: list[ClientError] = []
    write = table.client.transact_write_items

    def transact_write_items(**request: Any) -> Any:
        if cancellations:
            raise cancellations.pop()
        return write(**request)

    monkeypatch.setattr(table.client, "transact_write_items", transact_write_items)
    return cancellations


@pytest.mark.parametrize("reason", ["ThrottlingError", "TransactionConflict"])
def test_a_claim_that_dynamodb_puts_off_is_written_after_a_pause(
    teller: Teller, provider: Provider, put_off: list[ClientError], reason: str
) -> None:
    pauses: list[float] = []
    patient = replace(teller, sender=replace(teller.sender, sleep=pauses.append))
    put_off += [cancelled(reason)] * 3
    assert patient.tell(RECIPIENT, ITEMS)["email"] == SENT
    assert len(pauses) == 3 and min(pauses) > 0 and len(provider.sent) == 1
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
