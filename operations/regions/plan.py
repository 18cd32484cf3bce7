"""What a switch would do, what it costs, and what speaks against it; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from config.derived.switching import SWITCH_STEPS, SwitchStep
from config.schema import Personalize, Role
from operations.regions.places import Stage
from operations.regions.status import StageStatus
from operations.regions.trainings import Model
from pipeline.regions.epoch import ACTIVE


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is asked for. without: regions besides the active one that do not answer, and are not asked.
    forced: whether a region may be said to be lost that answers.
    """

    to: str
    planned: bool
    without: tuple[str, ...] = ()
    forced: bool = False

    def lost(self, status: StageStatus) -> tuple[str, ...]:
        epoch = status.epoch
        active = {epoch.region} if epoch and not self.planned and epoch.region != self.to else set()
        return tuple(sorted({*self.without} | active))


def refusals(stage: Stage, status: StageStatus, wish: Wish) -> Iterator[str]:
    """Everything that speaks against it."""
    active = stage.config.active_regions
    names = ", ".join(active)
    if len(active) == 1:
        yield f"the stage {stage.name} has one region that may be active, {names}: add a standby first"
        return
    for region in (wish.to, *wish.without):
        if region not in stage.config.roles:
            yield f"{region} is no region of the stage {stage.name}: {names} may be active"
        elif stage.role(region) is Role.REPLICA:
            yield f"{region} is a replica, which has nothing to train or notify with: {names} may be active"
    if wish.to in wish.without:
        yield f"{wish.to} cannot become active and be lost"
    if wish.to in active:
        yield from _of_regions(stage, status, wish)


def _of_regions(stage: Stage, status: StageStatus, wish: Wish) -> Iterator[str]:
    to, epoch, lost = status.of(wish.to), status.epoch, wish.lost(status)
    if not to.answers:
        yield f"{wish.to} does not answer, and can only be switched to when it does: {to.problem}"
    if epoch is None or not to.epoch:
        return
    for one in status.regions:
        if one.region in lost and one.answers and not wish.forced:
            yield (
                f"{one.region} answers, and is said to be lost: plan the switch instead, or say --force if "
                "what answers must not be asked"
            )
        if one.role is Role.REPLICA or one.region in (*lost, wish.to) or one.answers:
            continue
        how = "--lost" if one.region == epoch.region else f"--without {one.region}"
        yield f"{one.region} does not answer, and would be asked: try again, or say {how}"
    if wish.planned and to.epoch.term.rank < epoch.term.rank:
        yield (
            f"{wish.to} has not heard of epoch {epoch.number} yet, in which {epoch.region} is active: try "
            "again when the table has been copied"
        )
    settled = epoch.region == wish.to and epoch.state == ACTIVE and set(epoch.lost) == set(lost)
    if settled and to.on == len(to.schedules):
        yield f"{epoch.words}, and its schedules are on: there is nothing to do"


def steps_of(wish: Wish) -> Sequence[SwitchStep]:
    return [step for step in SWITCH_STEPS if wish.planned or not step.if_asked]


def losses(stage: Stage, wish: Wish) -> list[str]:
    """What readers and people of the application may notice."""
    notifies = stage.config.notifications is not None
    week = "nobody is told anything more in the week in which it happens" if notifies else ""
    unplanned = [
        week,
        "what the lost region has not copied yet (lists, opt-outs, read marks, devices, changes of "
        "experiments) arrives when it is back",
        "events that it has stored are there when it is back; runs that were under way publish nothing",
    ]
    planned = [
        "runs that are under way end first, and nothing begins meanwhile: no list and no message is lost"
    ]
    both = [
        "events that another region has stored are learned by the first run, as far as they were copied",
        f"the copied lists answer until the first run, and are there for {stage.config.generation_days} days",
    ]
    return [words for words in (*(planned if wish.planned else unplanned), *both) if words]


def lines_of(stage: Stage, wish: Wish, problems: Sequence[str], models: Sequence[Model]) -> list[str]:
    kind = "planned switch" if wish.planned else "switch without the region that is lost"
    lines = [f"{stage.name}: {kind} to {wish.to}; nothing has been done", "", "steps"]
    for number, step in enumerate(steps_of(wish), start=1):
        waits = f" Given up after {step.limit_minutes} min." if step.poll_seconds else ""
        lines.append(f"  {number:>2}  {step.title}: {step.does}{waits}")
    lines += ["", "what is lost or late", *(f"  - {words}" for words in losses(stage, wish))]
    lines += ["", "models", *(f"  - {model.use_case}/{model.variant}: {model.what}" for model in models)]
    lines += [f"  {_sum(models)}"]
    if problems:
        lines += ["", "what speaks against it", *(f"  - {problem}" for problem in problems)]
    return lines


def _sum(models: Sequence[Model]) -> str:
    """Of what is known; what is not is said beside it."""
    anew = [model for model in models if model.variant == Personalize.name]
    known = [model.usd for model in anew if model.usd is not None]
    if not anew:
        return "nothing is trained in Amazon Personalize"
    rest = len(anew) - len(known)
    more = f", and {rest} of unknown price" if rest else ""
    return (
        f"trainings after the switch: about {sum(known):.2f} USD{more}" if known else "their price is unknown"
    )


def as_json(stage: Stage, wish: Wish, problems: Sequence[str], models: Sequence[Model]) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "to": wish.to,
        "planned": wish.planned,
        "steps": [
            {
                "key": step.key,
                "title": step.title,
                "does": step.does,
                "limitMinutes": step.limit_minutes,
            }
            for step in steps_of(wish)
        ],
        "losses": losses(stage, wish),
        "models": [
            {
                "useCase": one.use_case,
                "variant": one.variant,
                "what": one.what,
                "hours": one.hours,
                "interactions": one.interactions,
                "usd": one.usd,
            }
            for one in models
        ],
        "problems": list(problems),
    }
