"""Looks at every alarm each minute, and more often where minutes are shorter."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, RLock, Thread
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from local_cloud.alarms import taking
from local_cloud.alarms.campaigns import Answers
from local_cloud.alarms.changes import change
from local_cloud.alarms.definitions import Definition, definition_of
from local_cloud.alarms.figures import Figures
from local_cloud.alarms.queues import Depths
from local_cloud.alarms.rules import CompositeRule, rule_of
from local_cloud.alarms.series import Series
from local_cloud.alarms.states import COMPARISONS, Missing, State, state_of
from local_cloud.ground.settings import Settings

_MINUTE = 60.0
_SHORTEST_SECONDS = 0.2
_MOST_REPEATED = 10
"""how deep composite alarms may lie upon each other"""
_log = logging.getLogger(__name__)
changing = RLock()
"""held while alarms change their states"""


@dataclass
class _Known:
    """What an alarm is, as long as moto's record of it stays the same; `idle`: its points without any data.

    `seen`: the states of a composite alarm's children when it was last looked at.
    """

    alarm: Any
    definition: Definition | None = None
    rule: CompositeRule | None = None
    idle: Sequence[bool | None] = ()
    seen: Mapping[str, State] = field(default_factory=dict)


@dataclass
class _Region:
    figures: Figures
    answers: Answers
    known: dict[str, _Known] = field(default_factory=dict)
    depths: Depths = field(default_factory=Depths)

    @property
    def definitions(self) -> list[Definition]:
        return [known.definition for known in self.known.values() if known.definition]


class Watch:
    """is_up: whether a region answers; nobody looks at the alarms of one that does not."""

    def __init__(self, settings: Settings, is_up: Callable[[str], bool] = lambda _region: True) -> None:
        self._settings = settings
        self._is_up = is_up
        self._regions: dict[str, _Region] = {}
        self._ended = Event()
        self._thread = Thread(target=self._run, name="alarms", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def look(self) -> None:
        """At all alarms, once."""
        for region, backend in list(cloudwatch_backends[self._settings.account].items()):
            taking.take(backend)
            if backend.alarms and self._is_up(region):
                of = self._regions.get(region)
                if of is None:
                    answers = Answers(self._settings.personalize_address)
                    of = self._regions[region] = _Region(Figures(backend.metric_data), answers)
                # Before alarms are held, since another server is asked; of new ones a look later.
                of.answers.put(backend, of.definitions)
                with changing:
                    self._look_at(of, backend)

    def _run(self) -> None:
        pause = max(_MINUTE / self._settings.time_scale, _SHORTEST_SECONDS)
        while not self._ended.wait(pause):
            try:
                self.look()
            except Exception:
                _log.exception("alarms could not be evaluated")

    def _look_at(self, region: _Region, backend: Any) -> None:
        alarms = dict(backend.alarms)
        region.known = {name: _known(alarm, region.known.get(name)) for name, alarm in alarms.items()}
        region.depths.put(backend, region.definitions)
        region.figures.read()
        for known in region.known.values():
            if known.definition is not None:
                self._metric(known, known.definition, region.figures)
        for _ in range(_MOST_REPEATED):
            if not sum(_composite(known, alarms) for known in region.known.values() if known.rule):
                break

    def _metric(self, known: _Known, definition: Definition, figures: Figures) -> None:
        now, scale = time.time(), self._settings.time_scale
        series, points = None, known.idle
        if definition.has_data(figures, now=now, scale=scale):
            series = definition.values(figures, now=now, scale=scale)
            points = definition.points(series)
        before = State(known.alarm.state_value)
        state = state_of(definition.rule, points, before)
        if state is not before:
            series = series or definition.values(figures, now=now, scale=scale)
            change(known.alarm, state, _reason(definition, before, state, series), None)


def _known(alarm: Any, known: _Known | None) -> _Known:
    if known is not None and known.alarm is alarm:
        return known
    if alarm.rule is not None:
        return _Known(alarm, rule=rule_of(alarm.rule))
    definition = definition_of(alarm)
    idle = definition.points(definition.values(Figures(()), now=0.0, scale=1.0))
    return _Known(alarm, definition=definition, idle=idle)


def _composite(known: _Known, alarms: Mapping[str, Any]) -> bool:
    """Whether its state has changed: it is looked at when one of its children has changed."""
    assert known.rule
    children = known.rule.children
    states = {name: State(alarms[name].state_value) for name in children if name in alarms}
    before = State(known.alarm.state_value)
    if states == known.seen and before is not State.INSUFFICIENT_DATA:
        return False
    known.seen = states
    state = State.ALARM if known.rule.holds(states) else State.OK
    if state is before:
        return False
    told = ", ".join(f"{name} is {states[name].value}" for name in sorted(states))
    change(known.alarm, state, f"{known.alarm.rule} is {state is State.ALARM}: {told}", None)
    return True


def _reason(definition: Definition, before: State, state: State, series: Series) -> str:
    """In the words of CloudWatch."""
    if state is State.INSUFFICIENT_DATA:
        return "Insufficient Data: no datapoint was received in the evaluation range."
    rule = definition.rule
    values = [series.values[place] for place in sorted(series.values)][-rule.periods :]
    if not values:
        many = f"{rule.periods} period{'s' if rule.periods > 1 else ''}"
        return (
            f"Threshold Crossed: no datapoints were received for {many} and {rule.periods} missing "
            f"datapoint{'s were' if rule.periods > 1 else ' was'} treated as [{_TREATED[rule.missing]}]."
        )
    alarm = state is State.ALARM
    crossing = [COMPARISONS[definition.comparison](value, definition.threshold) is alarm for value in values]
    at, compared = f"{datetime.now(tz=UTC):%d/%m/%y %H:%M:%S}", _WORDS[definition.comparison]
    least = rule.alarming if alarm else rule.periods - rule.alarming + 1
    return (
        f"Threshold Crossed: {sum(crossing)} out of the last {len(values)} datapoints "
        f"[{', '.join(f'{value} ({at})' for value in reversed(values))}] "
        f"{'was' if sum(crossing) == 1 else 'were'} {'' if alarm else 'not '}{compared} the threshold "
        f"({definition.threshold}) (minimum {least} datapoint{'s' if least > 1 else ''} for "
        f"{before.value} -> {state.value} transition)."
    )


_TREATED = {
    Missing.BREACHING: "Breaching",
    Missing.NOT_BREACHING: "NonBreaching",
    Missing.IGNORE: "Ignored",
    Missing.MISSING: "Missing",
}
_WORDS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
