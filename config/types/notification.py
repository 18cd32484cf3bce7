"""The types of a notification: who is told of recommendations, in which words, by which channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from config.types.schedule_expressions import Gaps, firing_gaps
from config.types.use_case import Column, Dataset

PLATFORMS = {"android": ("GCM",), "ios": ("APNS", "APNS_SANDBOX")}
"""What an app calls itself when it registers a device, and the platforms of Amazon SNS that reach it."""

RECIPIENT_COLUMNS = (
    Column(name="USER_ID"),
    Column(name="EMAIL", nullable=True),
    Column(name="LANGUAGE", nullable=True),
    Column(name="IN_APP_CONSENT"),
    Column(name="PUSH_CONSENT"),
    Column(name="EMAIL_CONSENT"),
    Column(name="QUIET"),
    Column(name="ENGAGED"),
    Column(name="OWN_ITEMS", nullable=True, textual=True),
)
"""What recipients.sql answers with; docs/notifications.md says of each column what it may hold and does."""

ITEM_COLUMNS = (Column(name="ITEM_ID"), Column(name="TITLE"))
"""What items.sql answers with."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """The words of one language; `{title}` stands for the recommended item's title.

    html, text: bodies of the e-mail, templates of Amazon SES. They know `items`, a list of `number`, `title`,
    `titleHtml` and `url`, and `unsubscribeUrl`.
    """

    push_title: str
    push_body: str
    inbox_title: str
    inbox_body: str
    subject: str
    html: Path
    text: Path


@dataclass(frozen=True, kw_only=True)
class Notification:
    """What users hear of once a week: the best item of a use case, in the app and as a push message.

    recipients: a query for everybody who may be told, with `RECIPIENT_COLUMNS`.
    items: a query for everything that may be recommended, with `ITEM_COLUMNS`.
    languages: by ISO 639-1 code; who speaks none of them gets the default one.
    email_items: how many items an e-mail recommends, to users who are not `ENGAGED`.
    item_url: with `{item}` in it. users_per_shard: notified by one function call.
    concurrency: function calls at a time; each sends one message after the other.
    inbox_days: how long an entry stays in the inbox.
    """

    name: str
    description: str
    use_case: str
    recipients: Path
    items: Path
    languages: Mapping[str, Language] = field(hash=False)
    default_language: str
    item_url: str
    email_items: int = 3
    users_per_shard: int = 250
    concurrency: int = 10
    inbox_days: int = 90

    def __post_init__(self) -> None:
        object.__setattr__(self, "languages", MappingProxyType(dict(self.languages)))

    @property
    def datasets(self) -> dict[str, Dataset]:
        """The two queries by the name of their result."""
        return {
            "recipients": Dataset(sql=self.recipients, columns=RECIPIENT_COLUMNS),
            "items": Dataset(sql=self.items, columns=ITEM_COLUMNS),
        }


@dataclass(frozen=True, kw_only=True)
class PushApplication:
    """A platform application of Amazon SNS, made outside of this app since it holds the store's credentials.

    platform: android or ios.
    """

    platform: str
    arn: str


@dataclass(frozen=True, kw_only=True)
class EmailSender:
    """Who e-mails come from. creates_identity: of the address's domain; not if the account has it already."""

    name: str
    address: str
    creates_identity: bool = True

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


@dataclass(frozen=True, kw_only=True)
class Notifying:
    """How a stage notifies.

    expression: of EventBridge Scheduler; its hours, and the weeks in which a user is told once, are those of
    `time_zone` (IANA). enabled: whether the schedule starts runs. dry_run: runs write what they would send.
    sender: none sends no e-mails. push: none sends no push messages.
    """

    expression: str = "cron(0 9 ? * MON *)"
    time_zone: str = "Europe/Berlin"
    enabled: bool = True
    dry_run: bool = False
    sender: EmailSender | None = None
    push: tuple[PushApplication, ...] = ()

    @property
    def gaps(self) -> Gaps:
        return firing_gaps(self.expression)
