"""What the users of events were assigned to, by the experiment's versions and not by what senders say.

Versions do not change once they are written, so that a process remembers those that it has read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.errors import ExperimentBroken
from pipeline.experiments.assignment import counted
from pipeline.experiments.experiment import Experiment
from pipeline.experiments.store import ExperimentStore
from pipeline.tracking.event import Event


@dataclass(frozen=True)
class Arms:
    """client: of DynamoDB. table: the serving table, in the region where experiments are changed."""

    client: Any
    table: str
    _known: dict[tuple[str, int], Experiment] = field(default_factory=dict)

    def assign(self, use_case: str, events: Sequence[Event]) -> tuple[list[Event], int]:
        """The events with the arms of their users (or sessions), and how many of them name a version that
        there is not: these have no arm, and those of testers have none either.

        Raises: UnknownFormat, if newer code wrote it; ClientError, BotoCoreError, if it cannot be read.
        """
        named = {event.experiment for event in events if event.experiment is not None}
        versions = {number: self._version(use_case, number) for number in sorted(named)}
        unknown = sum(event.experiment in versions and versions[event.experiment] is None for event in events)
        return [_with_arm(event, versions) for event in events], unknown

    def _version(self, use_case: str, number: int) -> Experiment | None:
        known = self._known.get((use_case, number))
        if known is None:
            try:
                known = ExperimentStore(self.client, self.table, use_case).version(number)
            except ExperimentBroken:
                return None
            if known is not None:
                self._known[use_case, number] = known
        return known


def _with_arm(event: Event, versions: Mapping[int, Experiment | None]) -> Event:
    experiment = versions[event.experiment] if event.experiment is not None else None
    unit = event.user_id if event.user_id is not None else event.session_id
    arm = counted(experiment, unit) if experiment and unit is not None else None
    return event if event.arm == arm else replace(event, arm=arm)
