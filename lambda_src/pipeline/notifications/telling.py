"""One user: decide, claim, send, mark; channel after channel."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, zip_longest

from pipeline.errors import ProviderUnavailable, TableBusy
from pipeline.notifications.choices import SEND, Outcome, Rules, decide
from pipeline.notifications.claims import (
    CLAIMED,
    EMAIL,
    FAILED,
    IN_APP,
    PUSH,
    Claim,
    ClaimBusy,
    ClaimLost,
    Claims,
    Step,
)
from pipeline.notifications.messages import (
    Content,
    MessageTooLarge,
    email_data,
    inbox_entry,
    push_message,
)
from pipeline.notifications.recipients import Recipient
from pipeline.notifications.sending import DeviceGone, Email, Result, Sender
from pipeline.notifications.table import UserState
from pipeline.notifications.unsubscribing import UnsubscribeLinks

_TRIES = 5


@dataclass(frozen=True, kw_only=True)
class Mailing:
    """What e-mails have in common. sender: name and address. api_address: where people unsubscribe."""

    sender: str
    configuration_set: str
    api_address: str
    links: UnsubscribeLinks


@dataclass(frozen=True, kw_only=True)
class Teller:
    """entry_expires: epoch seconds. clock: now, in epoch seconds. denied: what nobody is to be told of.
    opted_out: whether a person is told nothing.
    """

    claims: Claims
    sender: Sender
    content: Content
    rules: Rules
    mailing: Mailing | None
    entry_expires: int
    clock: Callable[[], float]
    denied: Callable[[], Collection[str]]
    opted_out: Callable[[str], bool]

    def tell(self, recipient: Recipient, items: Sequence[str]) -> Mapping[str, Outcome]:
        """By channel; sends whatever is due. Raises: SendingNotAllowed, ProviderUnavailable, TableBusy."""
        refusals = []
        for attempt in range(_TRIES):
            self.sender.pause(attempt)
            state = self._state(recipient)
            chosen = self._chosen(state, items, recipient.own)
            outcomes = dict(decide(recipient, state, chosen, self.rules, self.claims.run))
            try:
                if SEND not in outcomes.values():
                    return self._noted(recipient, state, outcomes)
                return self._send(recipient, state, chosen, outcomes)
            except (ClaimLost, ClaimBusy) as error:
                refusals.append(str(error))
        what = ", ".join(dict.fromkeys(refusals))
        raise TableBusy(f"{self.claims.table.name}: {_TRIES} attempts to claim a user's messages: {what}")

    def preview(self, recipient: Recipient, items: Sequence[str]) -> tuple[Mapping[str, Outcome], list[str]]:
        """What `tell` would do now, and the items that it would tell of; writes and sends nothing."""
        state = self._state(recipient)
        chosen = self._chosen(state, items, recipient.own)
        return decide(recipient, state, chosen, self.rules, self.claims.run), list(chosen)

    def _state(self, recipient: Recipient) -> UserState:
        claims = self.claims
        state = claims.table.state(recipient.user, claims.week, claims.notification)
        return replace(state, opted_out=self.opted_out(recipient.user))

    def _chosen(self, state: UserState, items: Sequence[str], own: Collection[str]) -> Sequence[str]:
        """First what an earlier channel was told of this week, so that all channels speak of the same; what
        has been denied since is left out.
        """
        titles, denied = self.content.titles, self.denied()
        earlier = [item for item in Claim.of(state.claim).items if item in titles and item not in own]
        chosen = (item for item in dict.fromkeys([*earlier, *items]) if item not in denied)
        return tuple(islice(chosen, max(1, self.rules.email_items)))

    def _noted(
        self, recipient: Recipient, state: UserState, outcomes: Mapping[str, Outcome]
    ) -> Mapping[str, Outcome]:
        """Claims that were left without a mark are marked as uncertain, for people to see.

        Raises: ClaimLost, if whoever took one lives and has marked it meanwhile, as functions of a stopped
        execution do.
        """
        doubts = [channel for channel, left in Claim.of(state.claim).states.items() if left == CLAIMED]
        if doubts:
            self.claims.write(recipient.user, Step(doubts=doubts), ())
        return outcomes

    def _send(
        self,
        recipient: Recipient,
        state: UserState,
        items: Sequence[str],
        outcomes: dict[str, Outcome],
    ) -> Mapping[str, Outcome]:
        """Every channel's claim is written together with the mark of the one before."""
        due = [channel for channel in (PUSH, EMAIL) if outcomes[channel] == SEND]
        step = Step(
            take=due[0] if due else None,
            entry=self._entry(recipient, items[0]) if outcomes[IN_APP] == SEND else None,
            retake=self.rules.resends_uncertain,
        )
        self.claims.write(recipient.user, step, items)
        if step.entry is not None:
            outcomes[IN_APP] = Outcome("sent")
        for channel, following in zip_longest(due, due[1:]):
            result = self._attempt(channel, recipient, state, items)
            outcomes[channel] = Outcome(result.state, result.reason)
            self._mark(recipient.user, channel, result, following, items)
        return outcomes

    def _mark(
        self, user: str, channel: str, result: Result, following: str | None, items: Sequence[str]
    ) -> None:
        """Raises: ClaimLost, if the following channel is another's by now; the mark is written anyway."""
        marks = {channel: (result.state, result.reason)}
        try:
            step = Step(marks=marks, take=following, retake=self.rules.resends_uncertain)
            self.claims.write(user, step, items)
        except ClaimLost:
            self.claims.write(user, Step(marks=marks), items)
            raise

    def _attempt(self, channel: str, recipient: Recipient, state: UserState, items: Sequence[str]) -> Result:
        try:
            if channel == PUSH:
                return self._push(recipient, state, items[0])
            return self.sender.email(self._email(recipient, items))
        except ProviderUnavailable as error:
            # Surely not sent: a redriven run may claim it again.
            self.claims.write(recipient.user, Step(marks={channel: (FAILED, str(error))}), items)
            raise

    def _push(self, recipient: Recipient, state: UserState, item: str) -> Result:
        """To one device only, the one registered last that still exists."""
        try:
            content = self.content.to(recipient)
            message = push_message(content, content.language(recipient.language), item)
        except MessageTooLarge:
            return Result(FAILED, "message_too_large")
        for device in state.devices:
            try:
                result = self.sender.push(device, message.text)
                return replace(result, reason="message_cut") if message.cut and not result.reason else result
            except DeviceGone:
                self.claims.table.forget_device(recipient.user, device)
        return Result(FAILED, "device_gone")

    def _entry(self, recipient: Recipient, item: str) -> dict[str, dict[str, str]]:
        language = self.content.language(recipient.language)
        return inbox_entry(
            self.content.to(recipient),
            recipient.user,
            language,
            item,
            now=self.clock(),
            expires=self.entry_expires,
        )

    def _email(self, recipient: Recipient, items: Sequence[str]) -> Email:
        mailing, content = self.mailing, self.content
        template = content.language(recipient.language).template
        assert mailing and template and recipient.email
        url = mailing.links.url(mailing.api_address, recipient.user)
        tags = (("notification", content.notification), ("week", self.claims.week))
        return Email(
            sender=mailing.sender,
            to=recipient.email,
            template=template,
            data=email_data(content, items[: self.rules.email_items], url),
            unsubscribe_url=url,
            configuration_set=mailing.configuration_set,
            tags=tags,
        )
