"""What an operation works with: whose request it is, the state, the time, the limits."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from personalize_server.facts.errors import ResourceNotFound
from personalize_server.facts.options import Options
from personalize_server.state.lifecycle import gone, is_active, is_running, status
from personalize_server.state.store import Record, Store

Request: TypeAlias = Mapping[str, Any]
Answer: TypeAlias = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    account: str
    region: str

    def check_owner(self, arn: str) -> None:
        """Without a look at the store: ARNs say whose they are. Raises: ResourceNotFound, for another's."""
        if arn.split(":", 5)[3:5] != [self.region, self.account]:
            raise ResourceNotFound(f"Resource Arn {arn} does not exist.")


@dataclass(frozen=True)
class Context:
    caller: Caller
    store: Store
    options: Options
    now: float
    wake: Callable[[], None]
    """tells the background runner that there is work, or that work is to be stopped"""

    def find(self, kind: str, arn: str) -> Record:
        """The record of an ARN, if it is of this kind and the caller's. Raises: ResourceNotFound, if not."""
        record = self.store.get(arn)
        if record is None or record.kind != kind or not self._visible(record):
            raise ResourceNotFound(f"Resource Arn {arn} does not exist.")
        return record

    def of(self, account: str, region: str) -> "Context":
        """For another caller."""
        return replace(self, caller=Caller(account, region))

    def of_kind(self, kind: str, *, after: int = -1, limit: int = -1) -> list[Record]:
        """Oldest first; at most `limit` of those with a higher number than `after`, -1: all."""
        account, region = self.caller.account, self.caller.region
        return self._alive(self.store.of_kind(kind, account, region, after=after, limit=limit))

    def count(self, kind: str) -> int:
        """How many there are."""
        left = [one for one in self.store.leaving() if one.kind == kind and not self._visible(one)]
        own = [one for one in left if (one.account, one.region) == (self.caller.account, self.caller.region)]
        return self.store.count(kind, self.caller.account, self.caller.region) - len(own)

    def being_made(self, kind: str) -> list[Record]:
        """Those that are running."""
        since = self.now - self.options.timing.creating(kind)
        found = self.store.lately(kind, self.caller.account, self.caller.region, since)
        return [record for record in self._alive(found) if self.running(record)]

    def linked(
        self,
        target: str,
        *,
        kind: str,
        member: str | None = None,
        after: int = -1,
        limit: int = -1,
        newest: bool = False,
    ) -> list[Record]:
        """What hangs on this ARN, oldest or newest first; `after` and `limit` as of `of_kind`."""
        return self._alive(
            self.store.linked(target, kind=kind, member=member, after=after, limit=limit, newest=newest)
        )

    def tracked(self, kind: str, tracking_id: str) -> list[Record]:
        """Those of this kind, EventTracker or Dataset, that have this tracking id."""
        return self._alive(self.store.tracked(kind, tracking_id))

    def status(self, record: Record) -> str | None:
        return status(record, self.now, self.options.timing)

    def active(self, record: Record) -> bool:
        return is_active(record, self.now, self.options.timing)

    def running(self, record: Record) -> bool:
        return is_running(record, self.now, self.options.timing)

    def arn(self, path: str) -> str:
        return f"arn:aws:personalize:{self.caller.region}:{self.caller.account}:{path}"

    def _visible(self, record: Record) -> bool:
        whose = (record.account, record.region) == (self.caller.account, self.caller.region)
        return whose and not gone(record, self.now, self.options.timing)

    def _alive(self, records: list[Record]) -> list[Record]:
        return [record for record in records if self._visible(record)]


def group_dataset(context: Context, group_arn: str, type_: str) -> Record | None:
    """The group's dataset of this type (INTERACTIONS, USERS, ...)."""
    for record in context.linked(group_arn, kind="Dataset", member="datasetGroupArn"):
        if record.body["datasetType"] == type_:
            return record
    return None


def no_wake() -> None:
    """For those who only read: they leave no work behind."""
