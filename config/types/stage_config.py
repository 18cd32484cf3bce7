"""The types of a stage and everything in it; config/rules says what their values must obey."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from config.types.backups import Backups
from config.types.notification import EmailSender, Notifying, PushApplication
from config.types.schedule_expressions import Gaps, firing_gaps
from config.types.serving import ApiConfig

APP = "recs"
"""First part of every name, and the value of the tag `service`."""


class Tier(StrEnum):
    DEVELOPMENT = "development"
    STAGING = "staging"
    PRODUCTION = "production"


class Role(StrEnum):
    """What a region of a stage does. Only one that is not a replica can be the active one."""

    PRIMARY = "primary"
    """Trains, publishes, notifies and serves, until somebody switches."""
    STANDBY = "standby"
    """Has what it needs to do the same, does nothing of it, and serves."""
    REPLICA = "replica"
    """Serves."""


class SslMode(StrEnum):
    """How a function talks to PostgreSQL; the words are libpq's."""

    DISABLE = "disable"
    PREFER = "prefer"
    REQUIRE = "require"
    VERIFY_FULL = "verify-full"


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When the use cases of a stage are retrained.

    expression: of EventBridge Scheduler, `cron(minutes hours day-of-month month day-of-week year)` or
    `rate(value unit)`; the hours of a cron expression are those of `time_zone` (IANA).
    enabled: whether it starts runs by itself.
    """

    expression: str = "cron(0 3 * * ? *)"
    time_zone: str = "Europe/Berlin"
    enabled: bool = True

    @property
    def gaps(self) -> Gaps:
        return firing_gaps(self.expression)

    @property
    def interval_hours(self) -> int:
        """Longest time between two runs, rounded up."""
        return -(-self.gaps.longest_minutes // 60)


@dataclass(frozen=True, kw_only=True)
class Database:
    """Where the use cases' queries run; everything by id, so that synth looks nothing up.

    secret_name: of a Secrets Manager secret with the keys host, port, username, password and dbname.
    """

    vpc_id: str
    availability_zones: tuple[str, ...]
    subnet_ids: tuple[str, ...]
    security_group_id: str
    secret_name: str
    ssl_mode: SslMode = SslMode.REQUIRE


@dataclass(frozen=True, kw_only=True)
class Audience:
    """Who gets recommendations: everyone known, or only those with an interaction in the last days."""

    active_within_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class Standby:
    """A region that can be switched to. What lies in a region it must have of its own.

    database: as that of the stage, for this region. sender, push: as those of the stage's notifications.
    """

    region: str
    database: Database | None = None
    sender: EmailSender | None = None
    push: tuple[PushApplication, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StageConfig:
    """One deployment of everything: an account, the region that trains, those that may take over, and those
    that only serve.

    database: none means that all datasets are files in the data bucket: those with a query too, as CSV,
    `uploads/<use case>/<dataset>.csv`.
    generation_days: how long a set of recommendations stays in the serving table.
    notifications: none means that nobody is notified.
    shards_at_once: how many shards of a use case are loaded side by side, one function call each. A new
    account may have ten calls at a time altogether, in all functions.
    own_jobs_only: whether bucket and key let Amazon Personalize in only when it says that it works for this
    account (aws:SourceAccount, aws:SourceArn). Its developer guide does not ask for it: turn it on, and see
    whether an import and a batch job still work.
    switches_typed: whether whoever switches from one region to another has to type the region's name, and
    cannot say --yes instead.
    loopback_http: whether servers of use cases may be asked without TLS where they are on the machine that
    the functions run on; of stages of a local cloud.
    protected: whether stacks and tables refuse to be deleted. Of a stage that keeps data, and not before its
    first deployment has succeeded: what refuses to be deleted cannot be rolled back either.
    """

    name: str
    tier: Tier
    account: str
    region: str
    replica_regions: tuple[str, ...] = ()
    standby_regions: tuple[Standby, ...] = ()
    owner: str
    database: Database | None
    schedule: Schedule = field(default_factory=Schedule)
    audience: Audience = field(default_factory=Audience)
    alarm_emails: tuple[str, ...] = ()
    generation_days: int = 14
    api: ApiConfig = field(default_factory=ApiConfig)
    notifications: Notifying | None = None
    backups: Backups = field(default_factory=Backups)
    shards_at_once: int = 10
    own_jobs_only: bool = False
    switches_typed: bool = False
    loopback_http: bool = False
    protected: bool = False

    @property
    def regions(self) -> tuple[str, ...]:
        return (self.region, *self.other_regions)

    @property
    def other_regions(self) -> tuple[str, ...]:
        """Which have copies of the tables that the primary region's stacks own."""
        return (*self.active_regions[1:], *self.replica_regions)

    @property
    def active_regions(self) -> tuple[str, ...]:
        """Those that may be active; the first one is until somebody switches."""
        return (self.region, *(standby.region for standby in self.standby_regions))

    @property
    def roles(self) -> dict[str, Role]:
        """By region."""
        standbys = dict.fromkeys(self.active_regions, Role.STANDBY)
        return {**dict.fromkeys(self.regions, Role.REPLICA), **standbys, self.region: Role.PRIMARY}

    def in_standby(self, standby: Standby) -> "StageConfig":
        """The stage as it is deployed in that region: with what lies there, and nothing begins by itself."""
        notifying = self.notifications
        if notifying is not None:
            notifying = replace(notifying, enabled=False, sender=standby.sender, push=standby.push)
        return replace(
            self,
            region=standby.region,
            replica_regions=tuple(region for region in self.regions if region != standby.region),
            standby_regions=(),
            database=standby.database,
            schedule=replace(self.schedule, enabled=False),
            notifications=notifying,
        )

    def id_in(self, region: str) -> str:
        """The CDK stage of this region, for example `Prod-eu-west-1`."""
        return f"{self.name.capitalize()}-{region}"

    @property
    def keeps_data(self) -> bool:
        """Whether buckets, tables, keys, datasets and models outlive the stack."""
        return self.tier is Tier.PRODUCTION

    @property
    def keeps_versions(self) -> bool:
        """Whether the data bucket keeps what is overwritten or deleted, for some days."""
        return self.tier is not Tier.DEVELOPMENT
