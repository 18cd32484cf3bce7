"""What the states of a notification workflow are made of."""

from collections.abc import Mapping
from dataclasses import dataclass

from constructs.workflow.dataset_source import DatasetSource


@dataclass(frozen=True, kw_only=True)
class EmailProps:
    """sender: name and address. templates: names in SES by language."""

    sender: str
    configuration_set: str
    templates: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class NotificationStatesProps:
    """variant: the default one. others: the variants besides. time_zone: whose weeks count. dry_run: unless
    an execution's input says otherwise by `dryRun`.

    recipients, items: queries with their columns. languages: texts by language, as the function notify reads
    them. email: none sends no e-mails. Other members: see config/types/notification.py.
    """

    notification: str
    use_case: str
    variant: str
    time_zone: str
    dry_run: bool
    recipients: DatasetSource
    items: DatasetSource
    languages: Mapping[str, Mapping[str, str]]
    default_language: str
    has_push: bool
    email: EmailProps | None
    email_items: int
    item_url: str
    users_per_shard: int
    concurrency: int
    inbox_days: int
    others: tuple[str, ...] = ()
