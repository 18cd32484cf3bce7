"""What each step of a switch does in one region. Each can be done again, and then changes nothing more."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from pipeline.errors import Fenced, InvalidInput, SwitchRefused
from pipeline.generations import Generations
from pipeline.regions.epoch import ACTIVE, DRAINING, Epoch
from pipeline.regions.epochs import Note
from pipeline.regions.fence import Fence
from pipeline.storage import Bucket
from pipeline.switching.marks import Marks
from pipeline.switching.schedules import OFF, ON, Schedules
from pipeline.switching.switch import Outcome, Switch

_NAMED = 3
"""Of many, as many are named in a message."""
_ONCE_MORE = "all that was looked for is here; a while longer, for what else was on its way"


@dataclass(frozen=True, kw_only=True)
class Place:
    """What a region has that a switch has to do with.

    machines: client of Step Functions. runs: ARNs of the state machines that are waited for. served:
    (use case, variant) of what may be published. bucket: for the record.
    """

    fence: Fence
    schedules: Schedules
    marks: Marks
    machines: Any
    runs: Sequence[str]
    served: Sequence[tuple[str, str]]
    bucket: Bucket
    clock: Callable[[], float] = time.time

    @property
    def region(self) -> str:
        return self.fence.epochs.region


def act(place: Place, step: str, switch: Switch) -> Outcome:
    """Raises: InvalidInput, of a step that this version does not know; SwitchRefused, UnknownFormat,
    StorageFailed.
    """
    if step not in _ACTS:
        raise InvalidInput(f"{step!r} is no step of a switch: there are {', '.join(_ACTS)}")
    return _ACTS[step](place, switch)


def _look(place: Place, switch: Switch) -> Outcome:
    epochs = place.fence.epochs
    here = place.region
    before, problems = epochs.highest(place.fence.others, switch.lost)
    problems += [f"{name} must be said" for name in ("by", "why") if not getattr(switch, name)]
    if before.region != here:
        if switch.planned and before.region in switch.lost:
            problems.append(f"{before.words}: a planned switch asks it, and it is said to be lost")
        if not switch.planned and before.region not in switch.lost:
            problems.append(f"{before.words}: say that it is lost, or plan the switch")
    if problems:
        raise SwitchRefused("\n".join(problems))
    if _active_already(before, here, switch):
        return Outcome(words=f"{before.words}, already: what is left to do is done", asked=())
    asked = [region for region in place.fence.others if switch.planned and region not in switch.lost]
    # Whoever begins another epoch for itself lets its own runs end first: they would publish nothing.
    asked += [here] if before.region == here else []
    lost = f"; lost: {', '.join(sorted(switch.lost))}" if switch.lost else ""
    return Outcome(
        words=f"{before.words}; asked to stop: {', '.join(asked) or 'none'}{lost}", asked=(*asked,)
    )


def _active_already(epoch: Epoch, here: str, switch: Switch) -> bool:
    same = epoch.region == here and switch.known <= epoch.number
    return same and epoch.state == ACTIVE and set(epoch.lost) == set(switch.lost)


def _stop(place: Place, switch: Switch) -> Outcome:
    changed, absent = place.schedules.turn(OFF)
    return Outcome(words=_counted(changed, absent, "turned off", "off", place.schedules.names))


def _drain(place: Place, switch: Switch) -> Outcome:
    epoch = place.fence.epochs.current()
    if epoch.region != place.region:
        return Outcome(words=f"nothing to drain: {epoch.words}")
    if epoch.state == DRAINING:
        return Outcome(words=f"draining already, in epoch {epoch.number}")
    place.fence.epochs.drain(_note(switch))
    return Outcome(words=f"draining, in epoch {epoch.number}")


def _wait(place: Place, switch: Switch) -> Outcome:
    running = [
        execution["executionArn"].rpartition("execution:")[2]
        for machine in place.runs
        for execution in _running(place.machines, machine)
    ]
    if running:
        named = ", ".join(running[:_NAMED]) + (", ..." if len(running) > _NAMED else "")
        return Outcome(words=f"{len(running)} still running: {named}", done=False)
    return Outcome(words="nothing runs")


def _running(client: Any, machine: str) -> Sequence[Mapping[str, Any]]:
    """None, if the region has no such state machine."""
    try:
        answer = client.list_executions(stateMachineArn=machine, statusFilter="RUNNING", maxResults=10)
    except ClientError as error:
        if error.response["Error"]["Code"] == "StateMachineDoesNotExist":
            return ()
        raise
    found: Sequence[Mapping[str, Any]] = answer["executions"]
    return found


def _mark(place: Place, switch: Switch) -> Outcome:
    written = place.marks.write(switch.run, place.clock())
    pointers = None
    if place.fence.epochs.current().region == place.region:
        pointers = _pointers(place)
    return Outcome(words=f"{written} marks written", pointers=pointers)


def _copies(place: Place, switch: Switch) -> Outcome:
    behind = []
    if missing := place.marks.missing(switch.run):
        behind.append(f"{missing} mark{'s' * (missing > 1)}")
    here = _pointers(place)
    late = [name for name, generation in switch.pointers.items() if here.get(name) != generation]
    behind += [f"the pointer of {name}" for name in late]
    if place.fence.epochs.current().state != DRAINING:
        behind.append("the epoch that says draining")
    if behind:
        return Outcome(words=f"not copied yet: {', '.join(behind)}", done=False)
    if switch.waiting != _ONCE_MORE:
        return Outcome(words=_ONCE_MORE, done=False)
    return Outcome(words=f"every mark, {len(switch.pointers)} pointers and the epoch are here")


def _raise(place: Place, switch: Switch) -> Outcome:
    epochs = place.fence.epochs
    current = epochs.current()
    if _active_already(current, place.region, switch):
        return Outcome(words=f"{current.words}, already", epoch=current.number)
    others, lost, known = place.fence.others, switch.lost, switch.known
    after = epochs.take_over(_note(switch), others=others, lost=lost, known=known)
    return Outcome(words=after.words, epoch=after.number)


def _enable(place: Place, switch: Switch) -> Outcome:
    changed, absent = place.schedules.turn(ON)
    return Outcome(words=_counted(changed, absent, "turned on", "on", place.schedules.names))


def _verify(place: Place, switch: Switch) -> Outcome:
    problems, empty, whole = [], [], 0
    try:
        place.fence.acting()
    except Fenced as error:
        problems.append(str(error))
    off = [name for name, state in place.schedules.states().items() if state == OFF]
    problems += [f"the schedule {name} is off" for name in off]
    for use_case, variant in place.served:
        generations = _generations(place, use_case, variant)
        pointer = generations.pointer()
        if pointer is None:
            empty.append(f"{use_case}/{variant}")
        elif pointer.generation not in {generation.name for generation in generations.existing()}:
            problems.append(f"the lists of {use_case}/{variant}, {pointer.generation}, are not here")
        else:
            whole += 1
    if problems:
        return Outcome(words="; ".join(problems), done=False)
    nothing = f"; nothing is published yet of {', '.join(empty)}" if empty else ""
    return Outcome(words=f"active, schedules on, pointers whose lists are here: {whole}{nothing}")


def _report(place: Place, switch: Switch) -> Outcome:
    key = f"switches/{switch.run}.json"
    place.bucket.write_json(key, switch.as_json() | {"region": place.region})
    return Outcome(words=place.bucket.url(key))


_ACTS: dict[str, Callable[[Place, Switch], Outcome]] = {
    "look": _look,
    "stop": _stop,
    "drain": _drain,
    "wait": _wait,
    "mark": _mark,
    "copies": _copies,
    "raise": _raise,
    "enable": _enable,
    "verify": _verify,
    "report": _report,
}


def _pointers(place: Place) -> dict[str, str]:
    found = {
        f"{use_case}/{variant}": _generations(place, use_case, variant).pointer()
        for use_case, variant in place.served
    }
    return {name: pointer.generation for name, pointer in found.items() if pointer}


def _generations(place: Place, use_case: str, variant: str) -> Generations:
    epochs = place.fence.epochs
    return Generations(epochs.client, epochs.table, use_case, variant, place.clock)


def _note(switch: Switch) -> Note:
    return Note(by=switch.by, why=switch.why)


def _counted(
    changed: Sequence[str], absent: Sequence[str], done: str, state: str, names: Sequence[str]
) -> str:
    words = f"{len(changed)} of {len(names)} {done}" if changed else f"all {len(names)} are {state}"
    return words + (f"; not there: {', '.join(absent)}" if absent else "")
