"""Lets regions do their parts of a switch, one after the other."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import PipelineError, StorageFailed, SwitchFailed, SwitchRefused, UnknownFormat
from pipeline.switching.switch import Outcome, Switch

_NAMED: dict[str, type[PipelineError]] = {
    "StorageFailed": StorageFailed,
    "SwitchRefused": SwitchRefused,
    "UnknownFormat": UnknownFormat,
}


class Step(Protocol):
    """key: by which the functions know it. there: whether it acts in the regions that are asked to
    stop, or in the one that becomes active.
    """

    @property
    def key(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def there(self) -> bool: ...
    @property
    def limit_minutes(self) -> float: ...


@dataclass(frozen=True)
class Actors:
    """The functions that act, one in each region. clients: of Lambda, by region. function: its name."""

    clients: Callable[[str], Any]
    function: str

    def act(self, regions: Sequence[str], request: Mapping[str, Any]) -> Outcome:
        """What all have to say together; done once all are.

        Raises: SwitchRefused, UnknownFormat, StorageFailed, as the region does; SwitchFailed, of any other
        failure, or if a region does not answer.
        """
        found = {region: self._one(region, request) for region in regions}
        if len(found) == 1:
            return next(iter(found.values()))
        pointers = [outcome.pointers for outcome in found.values() if outcome.pointers is not None]
        return Outcome(
            words="; ".join(f"{region}: {outcome.words}" for region, outcome in found.items()),
            done=all(outcome.done for outcome in found.values()),
            pointers=pointers[0] if pointers else None,
        )

    def _one(self, region: str, request: Mapping[str, Any]) -> Outcome:
        payload = json.dumps(request).encode()
        try:
            answer = self.clients(region).invoke(FunctionName=self.function, Payload=payload)
        except (ClientError, BotoCoreError) as error:
            raise SwitchFailed(f"{region} does not answer: {error}") from error
        said = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            words = str(said.get("errorMessage", said))
            kind = _NAMED.get(str(said.get("errorType")), SwitchFailed)
            raise kind(words if kind is SwitchRefused else f"{region}: {words}")
        return Outcome(**(said | {"asked": None if said["asked"] is None else tuple(said["asked"])}))


@dataclass(frozen=True)
class Leader:
    """here: the region that becomes active."""

    actors: Actors
    here: str
    clock: Callable[[], float] = time.time

    def step(self, step: Step, switch: Switch, estate: Mapping[str, Any]) -> tuple[bool, Switch]:
        """Whether the next step can begin, and the switch as the next call is given it.

        estate: as the functions that act take it. Raises: as `Actors.act`; SwitchUnfinished.
        """
        begun = switch.beginning(self.clock())
        regions = begun.asked if step.there else (self.here,)
        request = {"step": step.key, "switch": begun.as_json(), "estate": dict(estate)}
        outcome = self.actors.act(regions, request)
        limit = step.limit_minutes
        return outcome.done, begun.after(step.key, step.title, outcome, self.clock(), limit_minutes=limit)
