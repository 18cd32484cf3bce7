"""Functions, their code and layers, their callers, queues that they read, and schedules that start things."""

import re
from collections.abc import Iterator
from typing import Any

from config.types.schedule_expressions import firing_gaps
from review.changes.leaves import leaf_differences, number, words
from review.changes.model import Change, Comparison
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, leaves, listed
from review.reading.assemblies import Estate
from review.reading.machines import STATE_MACHINE
from review.reading.templates import resources_of

FUNCTION, LAYER = "AWS::Lambda::Function", "AWS::Lambda::LayerVersion"
SCHEDULES = ("AWS::Scheduler::Schedule", "AWS::Events::Rule")
_MAPPING = "AWS::Lambda::EventSourceMapping"
_MEMORY_MB, _DISK_MB, _SECONDS = 128, 512, 3
_STARTED = (STATE_MACHINE, FUNCTION, "AWS::Lambda::Alias", "AWS::SNS::Topic", "AWS::SQS::Queue")
_UNIVERSAL = ":scheduler:::aws-sdk:"
_DESTRUCTIVE = re.compile(
    r"(batch)?(delete|remove|terminate|stop|reboot|purge|disable|deregister|cancel|revoke|authorize|destroy)"
    r"|(put|set|attach|detach|add|create|update)\w*(policy|permission|acl|grant|accesskey|trust)",
    re.I,
)
"""names of calls that take something away, or let somebody in"""
_SETTINGS = ("Environment", "Runtime", "Handler", "Architectures", "PackageType", "SnapStart", "ImageConfig")


def functions(change: Change) -> Iterator[Finding]:
    if change.type != FUNCTION:
        return
    if change.is_new:
        yield found("FLOW-017", change, "a new function", EVERYTHING)
    elif change.goes:
        yield found("FLOW-013", change, f"is {change.how.value}", EVERYTHING)
    else:
        yield from _sizes(change)
        yield from _running(change)
        yield from _settings(change)


def _sizes(change: Change) -> Iterator[Finding]:
    for name, default in (("MemorySize", _MEMORY_MB), ("EphemeralStorage", _DISK_MB)):
        if name in change.properties:
            path = name if name == "MemorySize" else f"{name}.Size"
            was, is_now = (number(get(path)) or default for get in (change.old, change.new))
            text = f"{name} {was:g} → {is_now:g} MB"
            yield found("COST-001" if is_now > was else "COST-002", change, text, name)
    if "Timeout" in change.properties:
        was, is_now = (number(change.old("Timeout")) or _SECONDS), (number(change.new("Timeout")) or _SECONDS)
        rule = "FLOW-005" if is_now < was else "FLOW-006"
        yield found(rule, change, f"may run for {was:g} → {is_now:g} s", "Timeout")


def _running(change: Change) -> Iterator[Finding]:
    if change.how.value.endswith("replaced"):
        yield found("FLOW-013", change, f"is {change.how.value}", *change.properties)
    name = "ReservedConcurrentExecutions"
    if name in change.properties:
        stopped = number(change.new(name)) == 0
        yield found("FLOW-013" if stopped else "FLOW-015", change, leaves(change, name), name)
    for name, rule in (
        ("Role", "ACCESS-015"),
        ("VpcConfig", "ACCESS-015"),
        ("DeadLetterConfig", "WATCH-010"),
        ("TracingConfig", "WATCH-009"),
        ("LoggingConfig", "WATCH-009"),
        ("KmsKeyArn", "DATA-010"),
    ):
        if name in change.properties:
            yield found(rule, change, leaves(change, name), name)


def _settings(change: Change) -> Iterator[Finding]:
    if "Code" in change.properties:
        old, new = ({**(get("Code") or {}), "S3Key": "", "ZipFile": ""} for get in (change.old, change.new))
        elsewhere = "; ".join(
            f"Code.{path}: {words(a)} → {words(b)}" for path, a, b in leaf_differences(old, new)
        )
        yield found("FLOW-012" if elsewhere else "FLOW-014", change, elsewhere or "code", "Code")
    if "Layers" in change.properties:
        same = change.old("Layers") == change.new("Layers")
        text = "code of layers" if same else leaves(change, "Layers")
        yield found("FLOW-014" if same else "FLOW-012", change, text, "Layers")
    for name in _SETTINGS:
        if name in change.properties:
            yield found("FLOW-012", change, leaves(change, name), name)


def layers(change: Change) -> Iterator[Finding]:
    """A version of a layer is always made anew."""
    if change.type != LAYER:
        return
    if change.how.value.endswith("replaced"):
        old, new = ({**(get("Content") or {}), "S3Key": ""} for get in (change.old, change.new))
        if elsewhere := "; ".join(
            f"Content.{path}: {words(a)} → {words(b)}" for path, a, b in leaf_differences(old, new)
        ):
            yield found("FLOW-012", change, elsewhere, "Content")
    names = {*change.properties} - {"Content", "Description"}
    if change.goes or change.is_new:
        yield found("FLOW-014", change, f"a layer is {change.how.value}", EVERYTHING)
    elif names:
        yield found("FLOW-012", change, leaves(change, *sorted(names)), *names)
    yield found("FLOW-014", change, "code of a layer", "Content", "Description")


def schedules(change: Change) -> Iterator[Finding]:
    if change.type not in SCHEDULES or (change.type == "AWS::Events::Rule" and not _expression(change)):
        return
    if change.is_new:
        yield found("FLOW-017", change, f"runs {words(change.new('ScheduleExpression'))}", EVERYTHING)
        return
    if change.goes:
        yield found("FLOW-010", change, f"is {change.how.value}", EVERYTHING)
        return
    if change.differs("State"):
        was, is_now = (words(get("State") or "ENABLED") for get in (change.old, change.new))
        rule = "FLOW-010" if is_now == "DISABLED" else "COST-003"
        yield found("REST-002" if was == is_now else rule, change, f"{was} → {is_now}", "State")
    if "ScheduleExpression" in change.properties:
        yield from _rhythm(change)
    for name in ("ScheduleExpressionTimezone", "FlexibleTimeWindow", "StartDate", "EndDate"):
        if name in change.properties:
            yield found("FLOW-009", change, leaves(change, name), name)
    if change.type == "AWS::Scheduler::Schedule" and "Target" in change.properties:
        yield from _target(change)


def _target(change: Change) -> Iterator[Finding]:
    old, new = change.old("Target") or {}, change.new("Target") or {}
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name):
            continue
        path = f"Target.{name}"
        text = f"{path}: {words(old.get(name))} → {words(new.get(name))}"
        match name:
            case "DeadLetterConfig":
                lost = "what could not be started is kept nowhere"
                yield found("WATCH-010", change, text if new.get(name) else lost, "Target")
            case "RoleArn":
                yield found("ACCESS-015", change, text, "Target")
            case "RetryPolicy":
                yield found("FLOW-007", change, text, "Target")
            case _:
                yield found("FLOW-008", change, text, "Target")


def _rhythm(change: Change) -> Iterator[Finding]:
    old, new = (words(get("ScheduleExpression")) for get in (change.old, change.new))
    was, is_now = _hours(old), _hours(new)
    text = f"{old} → {new}"
    yield found("FLOW-009", change, text, "ScheduleExpression")
    if was and is_now and was != is_now:
        rule = "COST-003" if is_now < was else "COST-004"
        text = f"every {was:g} h → every {is_now:g} h at most: {was / is_now:.2g} times as many runs"
        yield found(rule, change, text, "ScheduleExpression")
    elif not was or not is_now:
        yield found("COST-003", change, f"{text}: how often cannot be told", "ScheduleExpression")


def _hours(expression: str) -> float:
    """Between two runs, halfway between the shortest and the longest gap; 0 if it cannot be told."""
    try:
        gaps = firing_gaps(expression)
    except ValueError:
        return 0
    return (gaps.shortest_minutes + gaps.longest_minutes) / 2 / 60


def _expression(change: Change) -> Any:
    return change.old("ScheduleExpression") or change.new("ScheduleExpression")


def targets(comparison: Comparison) -> Iterator[Finding]:
    """What schedules and rules start, or call, that is no part of the assembly: their role is all it takes.

    https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
    """
    for change in comparison.of_types(*SCHEDULES):
        name = "Target" if change.type == SCHEDULES[0] else "Targets"
        old, new = ([{**one, "Id": ""} for one in listed(get(name))] for get in (change.old, change.new))
        for one in new:
            if one not in old and not _of_assembly(one.get("Arn"), change.stack, comparison.after):
                role = words(one["RoleArn"]) if "RoleArn" in one else "no role"
                given = f" with {words(one['Input'])}" if "Input" in one else ""
                yield found("FLOW-019", change, f"{_called(words(one.get('Arn')))} as {role}{given}")


def _called(arn: str) -> str:
    call = arn.partition(_UNIVERSAL)[2]
    if not call:
        return f"starts {arn}"
    kind = ", which takes something away or opens it," if _DESTRUCTIVE.match(call.rpartition(":")[2]) else ""
    return f"calls {call} ({arn}){kind}"


def _of_assembly(arn: Any, stack: str, estate: Estate) -> bool:
    """Whether it names a workflow, function, topic or queue of the stack, or one that it imports."""
    match arn:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            resource = estate[stack].template["Resources"].get(name, {})
            return resource.get("Type") in _STARTED
        case {"Fn::ImportValue": str(export)}:
            return any(
                _of_assembly(output.get("Value"), other.name, estate)
                for other in estate.values()
                for output in other.template.get("Outputs", {}).values()
                if output.get("Export", {}).get("Name") == export
            )
        case _:
            return False


def sources(change: Change) -> Iterator[Finding]:
    """Queues and streams that functions read; integrations of an API."""
    if change.type == _MAPPING:
        if change.is_new:
            yield found("FLOW-017", change, "a function reads a queue", EVERYTHING)
        elif change.goes:
            yield found("FLOW-011", change, f"is {change.how.value}: nobody takes its messages", EVERYTHING)
        else:
            names = [name for name in change.properties if name != "Tags"]
            failing = {"FunctionResponseTypes", "DestinationConfig"} & {*names}
            if failing:
                yield found("WATCH-010", change, leaves(change, *sorted(failing)), *failing)
            if rest := [name for name in names if name not in failing]:
                yield found("FLOW-011", change, leaves(change, *rest), *rest)
    if change.type == "AWS::ApiGatewayV2::Integration" and change.before and change.after:
        if "TimeoutInMillis" in change.properties:
            was, is_now = (number(get("TimeoutInMillis")) or 30_000 for get in (change.old, change.new))
            rule = "FLOW-005" if is_now < was else "FLOW-006"
            yield found(rule, change, leaves(change, "TimeoutInMillis"), "TimeoutInMillis")
        if rest := [name for name in change.properties if name not in ("TimeoutInMillis", "Description")]:
            yield found("FLOW-008", change, leaves(change, *rest), *rest)


def consumers(comparison: Comparison) -> Iterator[Finding]:
    """New readers of a queue that has one: each message goes to one of them only."""
    for change in comparison.of_types(_MAPPING):
        if not change.is_new or (change.stack, change.logical_id) in comparison.moved:
            continue
        source = words(change.new("EventSourceArn"))
        others = resources_of(comparison.after[change.stack].template, _MAPPING)
        if any(
            words(one.get("EventSourceArn")) == source
            for key, one in others.items()
            if key != change.logical_id
        ):
            yield found("FLOW-011", change, f"another function takes messages of {source}, too")


def afterwards(change: Change) -> Iterator[Finding]:
    """Of calls that nobody waits for: where results and failures go, and how often they are tried."""
    if change.type != "AWS::Lambda::EventInvokeConfig":
        return
    name = "DestinationConfig"
    for kind in ("OnFailure", "OnSuccess"):
        old, new = (get(f"{name}.{kind}.Destination") for get in (change.old, change.new))
        if old == new:
            continue
        what = "failed calls" if kind == "OnFailure" else "results of calls"
        if new is not None:
            yield found("ACCESS-025", change, f"{what} go to {words(new)}, before to {words(old)}", name)
        if old is not None and kind == "OnFailure":
            yield found("WATCH-010", change, f"{what} go to {words(old)} no longer", name)
        elif new is None:
            yield found("FLOW-008", change, f"{what} go to {words(old)} no longer", name)
    tried = [
        one
        for one in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds")
        if change.old(one) != change.new(one)
    ]
    if tried:
        yield found("FLOW-007", change, leaves(change, *tried), *tried)
    if change.is_new or change.goes:
        yield found("REST-003", change, "", EVERYTHING)


def concurrency(change: Change) -> Iterator[Finding]:
    """Capacity that is paid for whether it is used or not."""
    if change.type in ("AWS::Lambda::Version", "AWS::Lambda::Alias") and not change.goes:
        name = "ProvisionedConcurrencyConfig"
        if change.new(name) and (change.is_new or change.differs(name)):
            yield found("COST-005", change, leaves(change, name), name)
    if change.type == "AWS::Personalize::Campaign" and not change.goes:
        was, is_now = (number(get("MinProvisionedTPS")) or 0 for get in (change.old, change.new))
        if is_now > was:
            yield found("COST-005", change, f"MinProvisionedTPS {was:g} → {is_now:g}", "MinProvisionedTPS")
