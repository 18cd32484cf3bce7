"""Days of the story, one after the other: the clock, who comes, what is measured, what the ramp does."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from local_cloud.migration.place import MEASUREMENT, RAMP, Place, eventually
from local_cloud.migration.stage import USE_CASE
from trial_data.application import Application
from trial_data.people import Town
from trial_data.visits import Visit, visitors

PLACES = 5
_MORNING, _NOON, _EVENING = 6, 14, 21


@dataclass
class Days:
    """first: the day that is number 1. visits: all so far. truths: of each day and variant with lists, what
    its lists convert if everybody gets them.
    """

    place: Place
    town: Town
    first: date
    number: int = 0
    visits: list[Visit] = field(default_factory=list)
    truths: dict[tuple[int, str], float] = field(default_factory=dict)
    _application: Application | None = None
    _known: dict[str, float] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.first + timedelta(days=self.number - 1)

    def morning(self) -> None:
        """The next day, at six."""
        self.number += 1
        self.place.clock.move(self._at(_MORNING))

    def asks(self) -> None:
        """The API's address, once it is deployed."""
        self._application = Application(self.place.api(), USE_CASE, USE_CASE, PLACES)

    def warm(self) -> None:
        """Functions that were just deployed are started: on a busy machine first answers come too late."""
        with ThreadPoolExecutor(self.application.at_once) as threads:
            list(threads.map(self.application.shown, self.town.people[:16]))

    def people_come(self, variants: tuple[str, ...], *, after: float = 0, before: float = 24) -> list[Visit]:
        """Those who come on the day, or between two hours of it; everything they did is counted.

        variants: with lists of their own, of which the truth is kept.
        """
        self._keep_truths(variants)
        until = self._at(min(before, _EVENING))
        if self.place.clock.now() < until:
            self.place.clock.move(until)
        coming = [
            (row, at)
            for row, at in visitors(self.town, self.today)
            if after <= (at - self._at(0).timestamp()) / 3600 < before
        ]
        done = self.application.day(self.town, self.today, coming)
        self.place.until_counted()
        self.visits += done
        return done

    def people_come_bit_by_bit(
        self, *, after: float, minutes: int = 5, at_once: int = 12
    ) -> Iterator[list[Visit]]:
        """From an hour on, some people every so many minutes; the clock is the last one's, at least."""
        coming = [
            (row, at)
            for row, at in visitors(self.town, self.today)
            if (at - self._at(0).timestamp()) / 3600 >= after
        ]
        for begin in range(0, len(coming), at_once):
            part = coming[begin : begin + at_once]
            latest = max(at for _, at in part)
            now = self.place.clock.now() + timedelta(minutes=minutes)
            self.place.clock.move(max(now, datetime.fromtimestamp(latest, UTC)))
            done = self.application.day(self.town, self.today, part)
            self.visits += done
            yield done
        self.place.until_counted()

    def later(self, *, minutes: int) -> None:
        """Figures are known a little after they were made."""
        self.place.clock.move(self.place.clock.now() + timedelta(minutes=minutes))

    @property
    def application(self) -> Application:
        assert self._application is not None, "the API is not deployed yet"
        return self._application

    def measured(self) -> dict[str, Any]:
        """What the daily measurement says of yesterday; its report. The ramp may go on by it at once."""
        of = self.place.of_measurement()
        self.place.run(MEASUREMENT)
        return self.place.report(of)

    def ramp_looks(self) -> None:
        """Until the ramp has looked once by the clock of now; it is started, if it does not run."""
        machines, begin = self.place.client("stepfunctions"), time.time()
        machine = self.place.target(f":stateMachine:{RAMP}")["Arn"]
        running = machines.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
        arn = running[0]["executionArn"] if running else self.place.start(RAMP)

        def looked() -> bool:
            events = machines.get_execution_history(
                executionArn=arn, includeExecutionData=False, reverseOrder=True, maxResults=40
            )["events"]
            waiting = [n for n, event in enumerate(events) if event["type"] == "WaitStateEntered"]
            return bool(waiting) and any(
                event["type"] == "TaskStateEntered"
                and event["stateEnteredEventDetails"]["name"] == "Decide"
                and event["timestamp"].timestamp() >= begin
                for event in events[waiting[0] :]
            )

        eventually(looked, "the ramp has looked")

    def _at(self, hour: float) -> datetime:
        begin = datetime(self.today.year, self.today.month, self.today.day, tzinfo=UTC)
        return begin + timedelta(hours=hour)

    def _keep_truths(self, variants: tuple[str, ...]) -> None:
        for variant in variants:
            served = self.place.served(variant, self.town.people)
            if served is None:
                continue
            key = f"{variant} {served.generation}"
            if key not in self._known:
                first = {person: items[:PLACES] for person, items in served.lists.items()}
                self._known[key] = self.town.conversion(first)
            self.truths[self.number, variant] = self._known[key]
