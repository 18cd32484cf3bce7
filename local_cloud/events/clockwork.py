"""Schedules fire when their time has come, by a clock that goes as quickly as workflows wait."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any
from zoneinfo import ZoneInfo

from moto.scheduler.models import scheduler_backends

from config.types.schedule_expressions import fires
from local_cloud.events.schedules import fire
from local_cloud.ground.settings import Settings

_PAUSE_SECONDS = 0.2
_MINUTE = timedelta(minutes=1)
_log = logging.getLogger(__name__)


@dataclass
class Clockwork:
    """`now`: seconds since 1970, of this machine. From when it is made, time goes `time_scale` as fast.

    is_up: whether a region answers; schedules of one that does not are not fired, then or later.
    """

    settings: Settings
    is_up: Callable[[str], bool] = lambda _region: True
    now: Callable[[], float] = time.time
    _known: dict[str, datetime] = field(default_factory=dict)
    _never: set[str] = field(default_factory=set)
    _seen: datetime = field(init=False)
    _ended: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self._began = self.now()
        self._seen = self.time

    @property
    def time(self) -> datetime:
        """The minute that it is."""
        passed = (self.now() - self._began) * self.settings.time_scale
        moment = datetime.fromtimestamp(self._began, UTC) + timedelta(seconds=passed)
        return moment.replace(second=0, microsecond=0)

    def start(self) -> Callable[[], None]:
        """What it answers ends it."""
        thread = Thread(target=self._run, name="clockwork", daemon=True)
        thread.start()

        def close() -> None:
            self._ended.set()
            thread.join()

        return close

    def tick(self) -> None:
        """Fires what was due since the last time: each schedule once at most, however long that was."""
        until = self.time
        backends = list(scheduler_backends[self.settings.account].items())
        up = [backend for region, backend in backends if self.is_up(region)]
        groups = [group for backend in up for group in list(backend.schedule_groups.values())]
        schedules = [schedule for group in groups for schedule in list(group.schedules.values())]
        for schedule in schedules:
            since = self._known.setdefault(schedule.arn, self._seen)
            if schedule.state == "ENABLED" and self._is_due(schedule, until, since):
                self._fire(schedule)
        self._seen = until

    def _is_due(self, schedule: Any, until: datetime, since: datetime) -> bool:
        zone, minute = ZoneInfo(schedule.schedule_expression_timezone), self._seen + _MINUTE
        try:
            while minute <= until:
                if fires(schedule.schedule_expression, minute.astimezone(zone), since):
                    return True
                minute += _MINUTE
        except ValueError as problem:
            if schedule.arn not in self._never:
                _log.warning("the schedule %s never fires here: %s", schedule.arn, problem)
                self._never.add(schedule.arn)
        return False

    def _fire(self, schedule: Any) -> None:
        try:
            _log.info("the schedule %s fires: %s", schedule.arn, fire(schedule) or "told")
        except Exception as problem:
            # As with AWS nobody is told but the queue of dead letters.
            _log.warning("the schedule %s could not do its work: %s", schedule.arn, problem)

    def _run(self) -> None:
        while not self._ended.wait(_PAUSE_SECONDS):
            self.tick()
