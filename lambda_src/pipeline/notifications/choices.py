"""What a user is to be told, by which channel, and why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pipeline.notifications.claims import CHANNELS, CLAIMED, EMAIL, IN_APP, PUSH, SENT, UNCERTAIN, Claim
from pipeline.notifications.recipients import Recipient
from pipeline.notifications.table import UserState


@dataclass(frozen=True, kw_only=True)
class Rules:
    """email_items: in an e-mail. has_push, has_email: whether the stage sends them at all.

    resends_uncertain: a person has decided that messages in doubt are sent again, those of earlier runs.
    """

    email_items: int
    has_push: bool
    has_email: bool
    resends_uncertain: bool = False


@dataclass(frozen=True)
class Outcome:
    """Of a channel. kind: send, sent, uncertain or skipped; reason: of what is skipped."""

    kind: str
    reason: str = ""


SEND = Outcome("send")


def recommended(
    listed: Sequence[str] | None, popular: Sequence[str], own: Collection[str], known: Collection[str]
) -> tuple[str, ...]:
    """The user's list, best first, then popular items; none that the user has or that is gone."""
    candidates = dict.fromkeys([*(listed or ()), *popular])
    return tuple(item for item in candidates if item in known and item not in own)


def decide(
    recipient: Recipient, state: UserState, items: Sequence[str], rules: Rules, run: str
) -> Mapping[str, Outcome]:
    """By channel; what was claimed earlier this week comes first, whatever has changed since."""
    claim = Claim.of(state.claim)
    return {
        channel: _earlier(claim, channel, rules, run) or _now(channel, recipient, state, items, rules)
        for channel in CHANNELS
    }


def _earlier(claim: Claim, channel: str, rules: Rules, run: str) -> Outcome | None:
    state = claim.states.get(channel)
    if state == SENT:
        # Sent by a call of this very run that could not report it any more.
        return Outcome("sent") if claim.runs[channel] == run else Outcome("skipped", "already_told_this_week")
    if state in (CLAIMED, UNCERTAIN) and (not rules.resends_uncertain or claim.runs[channel] == run):
        return Outcome("uncertain")
    return None


def _now(channel: str, recipient: Recipient, state: UserState, items: Sequence[str], rules: Rules) -> Outcome:
    if recipient.quiet:
        return Outcome("skipped", "quiet")
    if state.opted_out:
        return Outcome("skipped", "opted_out")
    if not {IN_APP: recipient.in_app, PUSH: recipient.push, EMAIL: recipient.emails}[channel]:
        return Outcome("skipped", "no_consent")
    if not items:
        return Outcome("skipped", "nothing_to_recommend")
    if channel == PUSH:
        return _push(state, rules)
    return _email(recipient, state, items, rules) if channel == EMAIL else SEND


def _push(state: UserState, rules: Rules) -> Outcome:
    if not rules.has_push:
        return Outcome("skipped", "channel_off")
    return SEND if state.devices else Outcome("skipped", "no_device")


def _email(recipient: Recipient, state: UserState, items: Sequence[str], rules: Rules) -> Outcome:
    for applies, reason in (
        (not rules.has_email, "channel_off"),
        (recipient.engaged, "engaged"),
        (recipient.email is None, "no_address"),
        (state.unsubscribed, "unsubscribed"),
        (recipient.suppressed, "suppressed"),
        (len(items) < rules.email_items, "too_few_items"),
    ):
        if applies:
            return Outcome("skipped", reason)
    return SEND
