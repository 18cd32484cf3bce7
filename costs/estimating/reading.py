"""What an assembly says of its stages, as far as costs depend on it: the way back from templates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.schema import Audience, Campaign, Dataset, Fatigue, Own, Schedule, StageConfig, Tier, UseCase
from config.types.variants import Heuristic, Personalize, Variant
from costs.usage.fixed import stage_of
from review.reading.assemblies import BUCKET, TABLE, Stack
from review.reading.machines import Machine, machines_of
from review.reading.templates import Template, flat, resources_of

SCHEDULE, SOLUTION, FUNCTION = (
    "AWS::Scheduler::Schedule",
    "AWS::Personalize::Solution",
    "AWS::Lambda::Function",
)
_NOTHING = Dataset(sql=Path(), columns=())
Read = tuple[StageConfig, tuple[UseCase, ...]]


def stages_in(stacks: Iterable[Stack]) -> list[Read]:
    """Each region that trains, as a stage with its use cases; what costs do not depend on is empty."""
    by_place: defaultdict[tuple[str, str], dict[str, Stack]] = defaultdict(dict)
    for stack in stacks:
        by_place[stage_of(stack), stack.region][stack.name.rpartition("-")[2]] = stack
    return [_stage(name, region, kinds) for (name, region), kinds in by_place.items() if "Training" in kinds]


def _stage(name: str, region: str, kinds: Mapping[str, Stack]) -> Read:
    training = kinds["Training"]
    data = kinds["Data"].template if "Data" in kinds else {"Resources": {}}
    schedules = {
        str(one["Target"]["Arn"].get("Ref", "")): one
        for one in resources_of(training.template, SCHEDULE).values()
    }
    read = [
        (machine, schedules.get(machine.logical_id))
        for machine in machines_of(training.template)
        if _payloads(machine, "Publish the generation")
    ]
    any_schedule = next((schedule for _, schedule in read if schedule), None)
    stage = StageConfig(
        name=name,
        tier=Tier.STAGING if _versioned(data) else Tier.DEVELOPMENT,
        account=training.account,
        region=region,
        replica_regions=_replicas(data, name, region),
        owner="",
        database=None,
        schedule=_schedule(any_schedule),
    )
    for machine, _ in read:
        days, kept = _payload(machine, "Write batch input"), _payload(machine, "Publish the generation")
        active = days.get("activeWithinDays")
        stage = replace(
            stage,
            audience=Audience(active_within_days=active if isinstance(active, int) else None),
            generation_days=int(kept.get("generationDays", stage.generation_days)),
        )
    return stage, tuple(_use_case(machine, training.template, data, name) for machine, _ in read)


def _use_case(machine: Machine, training: Template, data: Template, stage: str) -> UseCase:
    datasets = {str(one["dataset"]) for one in _payloads(machine, "Extract ")}
    shards = _payload(machine, "Write batch input").get("usersPerShard", UseCase.users_per_shard)
    return UseCase(
        name=machine.use_case,
        description="",
        interactions=_NOTHING,
        users=_NOTHING if "users" in datasets else None,
        items=_NOTHING if "items" in datasets else None,
        variants=tuple(_variants(machine, training, data, stage)),
        users_per_shard=int(shards),
        list_bytes=int(_payload(machine, "Load a shard").get("listBytes", UseCase.list_bytes)),
        fatigue=_fatigue(_payload(machine, "Write batch input").get("fatigue")),
    )


def _fatigue(found: Mapping[str, Any] | None) -> Fatigue | None:
    if not found:
        return None
    days, shown = int(found["days"]), int(found["shownDays"])
    return Fatigue(days=days, shown_days=shown, most=int(found["most"]), among=int(found["among"]))


def _variants(machine: Machine, training: Template, data: Template, stage: str) -> Iterator[Variant]:
    for published in _payloads(machine, "Publish the generation"):
        name = published["variant"]
        if name == Personalize.name:
            yield Personalize(recipe=_recipe(machine, data), campaign=_campaign(machine, stage))
            continue
        trained = next(one for one in _tasks(machine, "Train the model") if one["Payload"]["variant"] == name)
        payload, memory = trained["Payload"], _memory(training, str(trained["FunctionName"]))
        if name == Heuristic.name:
            yield Heuristic(memory_mb=memory)
        else:
            yield Own(
                algorithm=payload["algorithm"],
                memory_mb=memory,
                relearn_days=payload.get("relearnDays"),
                lists_for_items=_for_items(machine),
            )


def _recipe(machine: Machine, data: Template) -> str:
    """Of the solution whose name begins as that of the state machine."""
    names = {str(one["Name"]): str(one["RecipeArn"]) for one in resources_of(data, SOLUTION).values()}
    found = [arn for name, arn in names.items() if name.rpartition("-")[0] == machine.name]
    return (found or list(names.values()) or [""])[0].rpartition("/")[2]


def _campaign(machine: Machine, stage: str) -> Campaign | None:
    for _, state in machine.tasks():
        if state["Resource"].endswith(":personalize:createCampaign"):
            tps = state["Arguments"].get("MinProvisionedTPS", 1)
            return Campaign(stages=(stage,), min_provisioned_tps=int(tps) if isinstance(tps, int) else 1)
    return None


def _for_items(machine: Machine) -> bool:
    return "$datasets" in str(_payload(machine, "Write batch input").get("itemsKey", ""))


def _memory(training: Template, function: str) -> int:
    """function: as it stands in the definition, <logical id.Arn>."""
    logical_id = function.strip("<>").partition(".")[0]
    return int(resources_of(training, FUNCTION).get(logical_id, {}).get("MemorySize", 128))


def _schedule(found: Mapping[str, Any] | None) -> Schedule:
    if found is None:
        return Schedule(enabled=False)
    return Schedule(
        expression=str(found["ScheduleExpression"]),
        time_zone=str(found.get("ScheduleExpressionTimezone", "UTC")),
        enabled=found.get("State", "ENABLED") == "ENABLED",
    )


def _replicas(data: Template, stage: str, region: str) -> tuple[str, ...]:
    for one in resources_of(data, TABLE).values():
        if flat(one["TableName"]).endswith(f"-{stage}-serving"):
            return tuple(sorted({replica["Region"] for replica in one["Replicas"]} - {region}))
    return ()


def _versioned(data: Template) -> bool:
    """Whether its buckets keep what was overwritten."""
    return any("VersioningConfiguration" in one for one in resources_of(data, BUCKET).values())


def _payload(machine: Machine, title: str) -> Mapping[str, Any]:
    return next(iter(_payloads(machine, title)), {})


def _payloads(machine: Machine, title: str) -> Sequence[Mapping[str, Any]]:
    return [task["Payload"] for task in _tasks(machine, title) if "Payload" in task]


def _tasks(machine: Machine, title: str) -> Iterator[Mapping[str, Any]]:
    """Arguments of the tasks whose name, without that of a variant before it, begins so."""
    for name, state, _ in machine.states():
        if state["Type"] == "Task" and name.rpartition(": ")[2].startswith(title):
            yield state["Arguments"]
