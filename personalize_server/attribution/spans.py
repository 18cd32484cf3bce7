"""Which metrics counted when: put records are told apart by their numbers, which only grow."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from personalize_server.attribution.expressions import Metric, metric_of

Attributes = Sequence[Mapping[str, Any]]
"""MetricAttributes of the API"""


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A metric that has been removed: it counts the records after `since` up to `until`."""

    attribute: Mapping[str, Any]
    since: int
    until: int


@dataclass(frozen=True, kw_only=True)
class Spans:
    since: Mapping[str, int]
    """by name of a metric that was added later, the newest record at that time"""
    ended: Sequence[Ended]

    @classmethod
    def of(cls, own: Mapping[str, Any]) -> "Spans":
        """From what a metric attribution's record keeps."""
        return cls(since=own.get("since", {}), ended=[Ended(**entry) for entry in own.get("ended", ())])

    def own(self) -> dict[str, Any]:
        """What a metric attribution's record is to keep."""
        return {"since": dict(self.since), "ended": [asdict(entry) for entry in self.ended]}

    def changed(self, removed: Attributes, added: Attributes, *, newest: int, counted: int) -> "Spans":
        """As of the `newest` record, where those up to `counted` are in reports already."""
        ending = [
            Ended(attribute=attribute, since=self.since.get(attribute["metricName"], 0), until=newest)
            for attribute in removed
        ]
        gone = {attribute["metricName"] for attribute in removed}
        since = {name: number for name, number in self.since.items() if name not in gone}
        since |= {attribute["metricName"]: newest for attribute in added}
        return Spans(since=since, ended=[entry for entry in (*self.ended, *ending) if entry.until > counted])

    def next_change(self, after: int, newest: int) -> int:
        """Up to which record the same metrics count as just behind `after`."""
        changes = (*self.since.values(), *(entry.until for entry in self.ended))
        return min([newest, *(number for number in changes if number > after)])

    def counting(self, attributes: Attributes, after: int) -> list[Metric]:
        """What counts just behind `after`, of the present attributes and those that have ended."""
        return [metric_of(attribute) for attribute in self._counting(attributes, after)]

    def all_metrics(self, attributes: Attributes) -> list[Metric]:
        """The present ones and those that have ended."""
        return [metric_of(attribute) for attribute in (*attributes, *(end.attribute for end in self.ended))]

    def _counting(self, attributes: Attributes, after: int) -> Iterable[Mapping[str, Any]]:
        for attribute in attributes:
            if self.since.get(attribute["metricName"], 0) <= after:
                yield attribute
        for entry in self.ended:
            if entry.since <= after < entry.until:
                yield entry.attribute
