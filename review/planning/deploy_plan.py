"""Which deployments a change needs, and in which order: of two assemblies, before and after it.

What cannot be deployed at once is deployed in parts: a replica at a time, deletion protection off before what
it protects goes, and an export kept until nobody imports it.
"""

import copy
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from review.planning.obstacles import obstacles
from review.reading.assemblies import TABLE, Estate, Stack
from review.reading.templates import Template


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """what: deploy, delete, or a part of a deployment, in words. target: the stack as it is then; None: gone.
    because: what stood against it before.
    """

    stack: str
    id: str
    what: str
    target: Stack | None
    because: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeployPlan:
    """stuck: what stands against the rest, by stack; empty if all can be deployed."""

    deployments: tuple[Deployment, ...]
    stuck: Mapping[str, Sequence[str]]


def deploy_plan(before: Estate, after: Estate) -> DeployPlan:
    deployed, done = dict(before), list[Deployment]()
    pending = changed(before, after)
    against: dict[str, tuple[str, ...]] = {}
    while pending:
        found = _next(before, deployed, after, pending, {(one.stack, one.what) for one in done})
        for name in pending:
            reasons = tuple(obstacles(deployed, after.get(name), name, after))
            against[name] = tuple(dict.fromkeys((*against.get(name, ()), *reasons)))
        if found is None:
            return DeployPlan(
                deployments=tuple(done),
                stuck={name: obstacles(deployed, after.get(name), name, after) for name in pending},
            )
        name, target, what = found
        because = against.get(name, ())
        stack = target or deployed[name]
        done.append(Deployment(stack=name, id=stack.id, what=what, target=target, because=because))
        if target is None:
            del deployed[name]
        else:
            deployed[name] = target
        if target is after.get(name):
            pending.remove(name)
    return DeployPlan(deployments=tuple(done), stuck={})


def refusals(before: Estate, after: Estate, order: Sequence[str]) -> list[str]:
    """What stands against deploying the stacks in this order, each once and whole. Empty: nothing does."""
    deployed, found = dict(before), list[str]()
    wanted = changed(before, after)
    for name in order:
        if name not in before and name not in after:
            found.append(f"{name} is no stack of either assembly")
            continue
        found += [f"{name}: {reason}" for reason in obstacles(deployed, after.get(name), name, after)]
        if name in after:
            deployed[name] = after[name]
        else:
            deployed.pop(name, None)
    found += [f"{name} is changed, and not in the order" for name in wanted if name not in order]
    return found


def changed(before: Estate, after: Estate) -> list[str]:
    """Names: what is new or changed, each after what it needs, and then what goes, the other way round."""
    order = _ordered(after)
    new = [name for name in order if name not in before or before[name].template != after[name].template]
    gone = [name for name in reversed(_ordered(before)) if name not in after]
    return [*new, *gone]


def _ordered(estate: Estate) -> list[str]:
    order: list[str] = []

    def visit(name: str) -> None:
        if name in estate and name not in order:
            for need in sorted(estate[name].needs):
                visit(need)
            order.append(name)

    for name in estate:
        visit(name)
    return order


def _next(
    before: Estate,
    deployed: Estate,
    after: Estate,
    pending: Sequence[str],
    tried: Collection[tuple[str, str]],
) -> tuple[str, Stack | None, str] | None:
    """A whole deployment that nothing stands against; else a part of one, unless it was tried."""
    for name in pending:
        target = after.get(name)
        if not obstacles(deployed, target, name, after):
            taken = _taken_over(deployed, target, before)
            imports = f"import {', '.join(taken)}, and then deploy"
            return name, target, (imports if taken else "deploy") if target else "delete"
    for name in pending:
        part, what = _part(deployed, after.get(name), name)
        if part is not None and not obstacles(deployed, part, name, after):
            # The same part again would get nobody any further.
            if (name, what) not in tried:
                return name, part, what
    return None


def _taken_over(deployed: Estate, target: Stack | None, before: Estate) -> list[str]:
    """Tables that are there already, as another stack has let go of them."""
    if target is None:
        return []
    own = deployed[target.name].tables if target.name in deployed else {}
    new = [table for table in target.tables if table not in own]
    return sorted(table for table in new if any(one.has(table, target) for one in before.values()))


def _part(deployed: Estate, target: Stack | None, name: str) -> tuple[Stack | None, str]:
    """On the way from what is deployed to the target; None, if there is nothing in between."""
    before = deployed.get(name)
    if before is None:
        return None, ""
    if target is None:
        part = replace(_unprotected(before, before.template), protected=False)
        return part, "turn its protection off"
    part, words = target, list[str]()
    replicas = list(_replicas(before, target))
    if _protects_what_goes(before, target):
        part = _unprotected(target, before.template)
        words.append("with the replicas kept that go, and their deletion protection off")
    elif len(replicas) > 1:
        table, region, adds = replicas[0]
        part = _with_replicas(before, target, table, region)
        verb = "added to" if adds else "taken from"
        words.append(f"with only the replica in {region} {verb} {table}")
    used = {one for other in deployed.values() if other.beside(before) for one in other.imports}
    if kept := sorted((before.exports - target.exports) & used):
        part = _exporting(before, part, frozenset(kept))
        words.append(f"still exporting {', '.join(kept)}")
    return (part, f"deploy, {', and '.join(words)}") if words else (None, "")


def _protects_what_goes(before: Stack, target: Stack) -> bool:
    return any(
        protected and region not in target.tables.get(table, {})
        for table, replicas in before.tables.items()
        for region, protected in replicas.items()
    )


def _unprotected(target: Stack, deployed: Template) -> Stack:
    """With the replicas of what is deployed, those that go without protection."""
    template = copy.deepcopy(target.template)
    for logical_id, table in _tables_in(deployed):
        kept = copy.deepcopy(table)
        wanted = template["Resources"].get(logical_id, {}).get("Properties", {}).get("Replicas", [])
        stays = {replica.get("Region") for replica in wanted}
        if target.template is deployed:
            stays = set()
        for replica in kept.get("Replicas", ()):
            if replica.get("Region") not in stays:
                replica["DeletionProtectionEnabled"] = False
        template["Resources"][logical_id] = {"Type": TABLE, "Properties": kept}
    return replace(target, template=template)


def _replicas(before: Stack, target: Stack) -> Iterator[tuple[str, str, bool]]:
    """Table, region, and whether it is added: additions first."""
    for table, replicas in target.tables.items():
        there = before.tables.get(table, replicas)
        yield from ((table, region, True) for region in sorted(replicas.keys() - there.keys()))
        yield from ((table, region, False) for region in sorted(there.keys() - replicas.keys()))


def _with_replicas(before: Stack, target: Stack, table: str, region: str) -> Stack:
    """The target, but of all changes of replicas only this one."""
    template = copy.deepcopy(target.template)
    wanted = {properties.get("TableName"): properties for _, properties in _tables_in(target.template)}
    for logical_id, properties in _tables_in(before.template):
        if logical_id not in template["Resources"] or properties.get("TableName") not in wanted:
            continue
        replicas = {one.get("Region"): one for one in properties.get("Replicas", ())}
        if properties.get("TableName") == table:
            new = {one.get("Region"): one for one in wanted[table].get("Replicas", ())}
            if region in new:
                replicas[region] = new[region]
            else:
                del replicas[region]
        template["Resources"][logical_id]["Properties"]["Replicas"] = [*replicas.values()]
    return replace(target, template=template)


def _exporting(before: Stack, target: Stack, kept: frozenset[str]) -> Stack:
    """With what is exported, and the resources that it is of."""
    template = copy.deepcopy(target.template)
    for key, output in before.template.get("Outputs", {}).items():
        if output.get("Export", {}).get("Name") in kept:
            outputs = template.setdefault("Outputs", {})
            outputs[f"{key}Before" if key in outputs else key] = output
            _keep(output["Value"], before.template["Resources"], template["Resources"])
    return replace(target, template=template)


def _keep(value: Any, old: Template, kept: Template) -> None:
    """The resources that a value is of, and theirs."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            if name in old and name not in kept:
                kept[name] = old[name]
                _keep(old[name], old, kept)
        case dict():
            for member in value.values():
                _keep(member, old, kept)
        case list():
            for member in value:
                _keep(member, old, kept)


def _tables_in(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for logical_id, resource in template["Resources"].items():
        if resource["Type"] == TABLE:
            yield logical_id, resource.get("Properties", {})


def lines_of(plan: DeployPlan) -> list[str]:
    lines = []
    for number, one in enumerate(plan.deployments, start=1):
        lines.append(f"{number:>3}  {one.id}: {one.what}")
        lines += [f"       not before: {reason}" for reason in one.because]
    lines += [f"  !  {name}: {reason}" for name, reasons in plan.stuck.items() for reason in reasons]
    return lines or ["nothing is changed"]


def as_json(plan: DeployPlan) -> dict[str, Any]:
    return {
        "deployments": [
            {"stack": one.stack, "id": one.id, "what": one.what, "because": list(one.because)}
            for one in plan.deployments
        ],
        "stuck": {name: list(reasons) for name, reasons in plan.stuck.items()},
    }
