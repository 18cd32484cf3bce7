"""Telling one user: what is sent, what is not, and what a refusal leads to."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.errors import ProviderUnavailable, SendingNotAllowed, TableBusy
from pipeline.notifications.choices import Outcome
from pipeline.notifications.table import NotificationTable
from pipeline.notifications.telling import Teller
from pipeline.notifications.unsubscribing import unsubscribe
from steps import notify
from steps.environment import StepEnvironment
from tests.app.support.notifying import (
    ITEMS,
    NAME,
    RECIPIENT,
    SENT,
    TABLE,
    WEEK,
    Provider,
    add_device,
    claim,
    entries,
    refusal,
)
from tests.app.support.serving_api import Weather, failure
from tests.support.pauses import LongestPauses


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
    ("code", "raised"), [("ThrottlingException", TableBusy), ("AccessDeniedException", ClientError)]
)
def test_nobody_is_told_while_nobody_knows_what_is_denied(
    monkeypatch: pytest.MonkeyPatch, code: str, raised: type[Exception]
) -> None:
    """A busy table is asked again by the state machine."""
    table = Weather(None, error=failure(code))
    monkeypatch.setattr(notify, "client", lambda _service: table)
    monkeypatch.setattr(notify, "step_environment", lambda: StepEnvironment("bucket", "serving", "test"))

    with pytest.raises(raised):
        notify._denied("posts")


@pytest.mark.usefixtures("phone")
def test_who_has_opted_out_is_told_nothing(teller: Teller, provider: Provider) -> None:
    told = replace(teller, opted_out=lambda user: user == RECIPIENT.user).tell(RECIPIENT, ITEMS)

    assert set(told.values()) == {Outcome("skipped", "opted_out")} and not provider.sent


@pytest.mark.usefixtures("phone")
def test_nobody_is_told_of_what_is_denied_whatever_another_channel_has_said(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    provider.answers = [None, *[refusal("TooManyRequestsException", status=429)] * 9]
    with pytest.raises(ProviderUnavailable):
        teller.tell(RECIPIENT, ITEMS)
    assert "<Title> 1" in provider.sent[0]["Message"]
    provider.answers = []

    denied = replace(teller, denied=lambda: {"1", "3"})
    assert denied.tell(RECIPIENT, ITEMS)["email"] == Outcome("skipped", "too_few_items")
    content = replace(teller.content, titles={**teller.content.titles, "5": "<Title> 5"})
    assert replace(denied, content=content).tell(RECIPIENT, ("1", "2", "3", "4", "5"))["email"] == SENT
    mail = provider.sent[-1]["Content"]["Template"]["TemplateData"]
    assert [number for number in "12345" if f"Title&gt; {number}" in mail] == ["2", "4", "5"]
    everything = replace(teller, denied=lambda: set(ITEMS))
    other = replace(RECIPIENT, user="8")
    assert set(everything.tell(other, ITEMS).values()) == {Outcome("skipped", "nothing_to_recommend")}


@pytest.mark.parametrize(
    ("changes", "channel", "reason"),
    [
        ({"quiet": True}, "in_app", "quiet"),
        ({"quiet": True}, "push", "quiet"),
        ({"quiet": True}, "email", "quiet"),
        ({"in_app": False}, "in_app", "no_consent"),
        ({"push": False}, "push", "no_consent"),
        ({"emails": False}, "email", "no_consent"),
        ({"engaged": True}, "email", "engaged"),
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


def test_a_refused_e_mail_has_failed_and_may_be_tried_again(teller: Teller, provider: Provider) -> None:
    provider.answers = [refusal("MessageRejected")]
    assert teller.tell(RECIPIENT, ITEMS)["email"] == Outcome("failed", "MessageRejected")
    assert teller.tell(RECIPIENT, ITEMS)["email"] == SENT


def test_why_an_e_mail_was_refused_is_kept_with_its_claim(
    teller: Teller, table: NotificationTable, provider: Provider
) -> None:
    provider.answers = [refusal("MessageRejected")]
    teller.tell(RECIPIENT, ITEMS)

    [claimed] = [item for item in table.client.scan(TableName=TABLE)["Items"] if "email_state" in item]
    reasons = {name: item["S"] for name, item in claimed.items() if name.endswith("_reason")}
    assert reasons == {"email_reason": "MessageRejected"}


SENDER = "Email address is not verified. The following identities failed the check in region EU-WEST-1: {}"


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        ("MessageRejected", SENDER.format("A <a@example.com>"), "DKIM records"),
        ("MessageRejected", SENDER.format("seven@example.com"), "ask for production access"),
        ("MailFromDomainNotVerifiedException", "", "MAIL FROM domain"),
        ("AccountSuspendedException", "", "suspended the account"),
        ("SendingPausedException", "", "sending is paused"),
        ("AccessDeniedException", "", "role"),
    ],
)
def test_what_only_people_can_mend_stops_at_the_first_and_says_what_to_do(
    teller: Teller, table: NotificationTable, provider: Provider, code: str, message: str, words: str
) -> None:
    provider.answers = [refusal(code, message=message)]
    with pytest.raises(SendingNotAllowed, match=words) as stopped:
        teller.tell(RECIPIENT, ITEMS)
    assert "seven" not in str(stopped.value), "an execution's history is no place for addresses"
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
    pauses: list[float] = []
    patient = replace(teller, sender=replace(teller.sender, sleep=pauses.append, rng=LongestPauses()))
    provider.answers = [refusal("TooManyRequestsException")] * 5
    assert patient.tell(RECIPIENT, ITEMS)["email"] == SENT
    assert pauses == [1, 2, 4, 8, 16]
    provider.answers = [refusal("TooManyRequestsException")] * 6
    with pytest.raises(ProviderUnavailable, match="throttled 6 times in a row"):
        patient.tell(replace(RECIPIENT, user="8"), ITEMS)
    assert not provider.answers


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
def test_push_messages_that_are_cut_or_too_large_are_counted_by_reason(
    teller: Teller, provider: Provider
) -> None:
    long = replace(teller.content, titles=dict.fromkeys(ITEMS, "ü" * 5000))
    quiet = replace(RECIPIENT, emails=False)
    assert replace(teller, content=long).tell(quiet, ITEMS)["push"] == Outcome("sent", "message_cut")
    endless = replace(
        teller.content, item_url="https://app.example.com/" + "x" * 5000, entry=f"2026-W48.{NAME}"
    )
    other = replace(teller, content=endless, claims=replace(teller.claims, week="2026-W48"))
    assert other.tell(quiet, ITEMS)["push"] == Outcome("failed", "message_too_large")
    assert len(provider.sent) == 1


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
