"""What a switch would do, what it costs, and what speaks against it; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from config.derived.names import PersonalizeNames
from config.derived.switching import SWITCH_STEPS, SwitchStep
from config.schema import Role, UseCase
from operations.regions.places import Clients, Stage
from operations.regions.status import StageStatus
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


@dataclass(frozen=True, kw_only=True)
class Model:
    """hours: that the last training took, as Amazon Personalize says; None: unknown, see why."""

    use_case: str
    variant: str
    what: str
    hours: float | None = None


def models_of(stage: Stage, status: StageStatus, to: str, clients: Clients) -> list[Model]:
    """What has to be learnt again in the region that becomes active."""
    source = status.epoch.region if status.epoch else None
    source = source if source and source != to and status.of(source).answers else None
    return [model for use_case in stage.there(to) for model in _of_use_case(stage, use_case, source, clients)]


def _of_use_case(stage: Stage, use_case: UseCase, source: str | None, clients: Clients) -> Iterator[Model]:
    if use_case.personalize:
        hours = _hours(stage, use_case, clients(source, "personalize"), source) if source else None
        took = f"took {hours:g} training hours in {source}" if hours is not None else "of unknown hours"
        what = f"trained anew by the first run after the switch; the last training {took}"
        yield Model(use_case=use_case.name, variant=use_case.personalize.name, what=what, hours=hours)
    for variant in use_case.by_engine:
        weights = getattr(variant, "keeps_weights", False)
        lost = ", without the weights that the other region keeps" if weights else ""
        what = f"learnt anew by the first run after the switch, from the region's own data{lost}"
        yield Model(use_case=use_case.name, variant=variant.name, what=what)


def _hours(stage: Stage, use_case: UseCase, personalize: Any, region: str) -> float | None:
    """Of the newest version; None, if Personalize does not say."""
    name = PersonalizeNames(stage.name, use_case).solution
    arn = f"arn:aws:personalize:{region}:{stage.config.account}:solution/{name}"
    try:
        listed = personalize.list_solution_versions(solutionArn=arn)["solutionVersions"]
        active = [version for version in listed if version["status"] == "ACTIVE"]
        if not active:
            return None
        newest = max(active, key=lambda version: version["creationDateTime"])["solutionVersionArn"]
        found = personalize.describe_solution_version(solutionVersionArn=newest)["solutionVersion"]
    except (ClientError, BotoCoreError):
        return None
    hours = found.get("trainingHours")
    return None if hours is None else float(hours)


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
        "events that one region has stored do not train in another one",
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
    if problems:
        lines += ["", "what speaks against it", *(f"  - {problem}" for problem in problems)]
    return lines


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
            {"useCase": one.use_case, "variant": one.variant, "what": one.what, "hours": one.hours}
            for one in models
        ],
        "problems": list(problems),
    }
