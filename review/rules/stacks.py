"""Stacks and their order: what cannot be deployed at once, or at all, and names that are taken."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

from review.changes.canonical import sorted_sets
from review.changes.impacts import How
from review.changes.leaves import change_in_words
from review.changes.model import Change, Comparison, Place, place_of
from review.ground.findings import Finding
from review.ground.saying import found
from review.planning.deploy_plan import DeployPlan
from review.reading.assemblies import Estate, Stack

_NAMES = {
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CloudWatch::Dashboard": "DashboardName",
    "AWS::SecretsManager::Secret": "Name",
    "AWS::SSM::Parameter": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::Scheduler::Schedule": "Name",
    "AWS::SES::EmailIdentity": "EmailIdentity",
    "AWS::KMS::Alias": "AliasName",
    **{
        f"AWS::Personalize::{kind}": "Name"
        for kind in ("DatasetGroup", "Schema", "Solution", "Filter", "EventTracker", "Campaign")
    },
}
"""by type: the property that must be its own in an account and region"""

_COMMANDS = 400
"""as many characters of what makes an asset, or of who deploys, before and after"""
_BILLED = {
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::CloudWatch::CompositeAlarm": "composite alarms",
    "AWS::CloudWatch::Dashboard": "dashboards",
    "AWS::KMS::Key": "keys",
    "AWS::SecretsManager::Secret": "secrets",
    "AWS::Route53::HealthCheck": "health checks",
    "AWS::EC2::VPCEndpoint": "endpoints",
    "AWS::EC2::NatGateway": "NAT gateways",
}


def stacks(comparison: Comparison) -> Iterator[Finding]:
    before, after = comparison.before, comparison.after
    for name in sorted({*before, *after}):
        if name not in after:
            yield _of_stack("PLAN-004", before[name], "the stack is removed")
        elif name not in before:
            yield _of_stack("PLAN-005", after[name], "the stack is new")
        else:
            old, new = before[name], after[name]
            if old.protected and not new.protected:
                yield _of_stack(
                    "DATA-005", new, "the stack can be deleted: its termination protection is off"
                )
            elif new.protected and not old.protected:
                yield _of_stack("REST-003", new, "the stack can no longer be deleted by mistake")
            if (old.account, old.region) != (new.account, new.region):
                text = f"{old.account}/{old.region} → {new.account}/{new.region}"
                yield _of_stack("PLAN-006", new, text)


def deployers(comparison: Comparison) -> Iterator[Finding]:
    """Who deploys, from where, and who is told: roles, buckets and topics of the assembly's manifest."""
    before, after = comparison.before, comparison.after
    usual = {pair for stack in before.values() for pair in _deploying(stack).items()}
    for name, stack in sorted(after.items()):
        old = _deploying(before[name]) if name in before else {}
        for what, value in sorted(_deploying(stack).items()):
            first = what.endswith("of its assets") and what not in old and ((what, value) in usual or not old)
            if name in before and old.get(what) != value and not first:
                yield _of_stack(
                    "ACCESS-024", stack, f"{what}: {change_in_words(old.get(what), value, _COMMANDS)}"
                )
            elif name not in before and usual and (what, value) not in usual:
                yield _of_stack("ACCESS-024", stack, f"{what}: {value}, as no stack had it before")
        for what in sorted(old.keys() - _deploying(stack).keys()):
            yield _of_stack("ACCESS-024", stack, f"{what}: {change_in_words(old[what], None)}")
        told = before[name].told if name in before else frozenset[str]()
        for topic in sorted(told - stack.told):
            yield _of_stack("WATCH-007", stack, f"{topic} hears nothing of its deployments any more")
        for topic in sorted(stack.told - told):
            if any(f":{own}:" in topic for own in (stack.account, "${AWS::AccountId}")):
                yield _of_stack("WATCH-011", stack, f"{topic} hears of its deployments too")
            else:
                text = (
                    f"{topic} of another account hears of its deployments, and what its resources are called"
                )
                yield _of_stack("ACCESS-025", stack, text)


def _deploying(stack: Stack) -> dict[str, str]:
    """As a stack of another account or region has it."""
    return {
        what: value.replace(stack.account, "<account>").replace(stack.region, "<region>")
        for what, value in stack.deployed_by.items()
    }


def planned(comparison: Comparison, plan: DeployPlan) -> Iterator[Finding]:
    """What of the plan a reviewer has to know."""
    times: dict[str, list[str]] = {}
    for one in plan.deployments:
        times.setdefault(one.stack, []).append(one.what)
    for name, steps in times.items():
        if len(steps) > 1:
            text = f"{len(steps)} deployments: {'; then '.join(steps)}"
            yield _of_stack("PLAN-002", comparison.after.get(name) or comparison.before[name], text)
        elif steps[0].startswith("import"):
            yield _of_stack("PLAN-002", comparison.after[name], steps[0])
    for name, reasons in plan.stuck.items():
        for reason in reasons:
            yield _of_stack("PLAN-001", comparison.after.get(name) or comparison.before[name], reason)


def other_types(comparison: Comparison) -> Iterator[Finding]:
    """CloudFormation: "Update of resource type is not permitted", under the same logical id."""
    gone = {(one.stack, one.logical_id): one for one in comparison.changes if one.goes}
    for change in comparison.changes:
        old = gone.get((change.stack, change.logical_id)) if change.is_new else None
        if old is not None and old.type != change.type:
            text = f"{old.type} → {change.type} under the logical id {change.logical_id}: give it another one"
            yield found("PLAN-001", change, text)


def exports_in_use(comparison: Comparison) -> Iterator[Finding]:
    """CloudFormation refuses another value of an export for as long as a stack imports it."""
    replaced = {(one.stack, one.logical_id) for one in comparison.changes if one.how is How.REPLACED}
    before, after = comparison.before, comparison.after
    for name in sorted({one.stack for one in comparison.changes} | comparison.sections.keys()):
        if name not in before or name not in after:
            continue
        old, new = _exported(before[name]), _exported(after[name])
        for export in sorted(old.keys() & new.keys()):
            anew = any((name, one) in replaced for one in _named(new[export]))
            using = [
                other.name
                for other in after.values()
                if export in other.imports and after[name].beside(other) and other.name in before
            ]
            if using and (anew or old[export] != new[export]):
                how = f"{change_in_words(old[export], new[export])}" if not anew else "of what is replaced"
                text = f"the value of {export} changes, {how}; {', '.join(sorted(using))} still imports it"
                yield _of_stack("PLAN-002", after[name], text)


def _exported(stack: Stack) -> dict[str, Any]:
    outputs = stack.template.get("Outputs", {}).values()
    return {str(one["Export"]["Name"]): sorted_sets(one.get("Value")) for one in outputs if "Export" in one}


def _named(value: Any) -> Iterator[str]:
    """Logical ids within a value."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            yield name
        case dict():
            for member in value.values():
                yield from _named(member)
        case list():
            for member in value:
                yield from _named(member)


def names_taken(comparison: Comparison) -> Iterator[Finding]:
    """A new resource is made before an old one is removed, also under another logical id."""
    old = {_taken(change, name): change for change, name in _called(comparison, "old") if change.goes}
    for change, name in _called(comparison, "new"):
        gone = old.get(_taken(change, name)) if change.is_new else None
        if gone is not None and (
            gone.stack == change.stack
            or gone.how is How.ORPHANED
            or change.stack in _before(comparison.after, gone.stack)
        ):
            if change.type.endswith("GlobalTable") and gone.stack != change.stack:
                continue  # the plan says how it is taken over
            yield found("PLAN-003", change, f"{gone.logical_id} of {gone.stack} still has the name {name}")
        elif change.how is How.REPLACED and change.old(_NAMES[change.type]) == name:
            by = ", ".join(one for one, how in change.properties.items() if how is How.REPLACED)
            yield found("PLAN-003", change, f"replaced by {by} under the same name")


def _called(comparison: Comparison, side: str) -> Iterator[tuple[Change, str]]:
    """Changes of what has a fixed name, with it."""
    for change in comparison.changes:
        name = getattr(change, side)(_NAMES.get(change.type, ""))
        if isinstance(name, str):
            yield change, name


def _taken(change: Change, name: str) -> tuple[str, ...]:
    """What only one may be called so; both types of tables share their names."""
    kind = change.type.replace("GlobalTable", "Table")
    return (change.place.account, change.place.region, kind, name)


def _before(estate: Estate, stack: str) -> set[str]:
    """Stacks that are deployed before."""
    known: set[str] = set()
    pending = [stack]
    while pending:
        more = (estate[one].needs if (one := pending.pop()) in estate else frozenset()) - known
        known |= more
        pending += more
    return known


def billed(comparison: Comparison) -> Iterator[Finding]:
    """What is billed by the month, whether it is used or not, by stage and region."""
    changed = {change.stack for change in comparison.changes}
    old, new = (_counted(estate, changed) for estate in (comparison.before, comparison.after))
    for place in sorted(new):
        more = {kind: count - old.get(place, Counter[str]())[kind] for kind, count in new[place].items()}
        said = [f"{count:+} {kind}" for kind, count in more.items() if count > 0]
        if said:
            yield Finding(rule="REVIEW-COST-006", place=place, subject="fixed costs", text=", ".join(said))


def _counted(estate: Estate, stacks: Collection[str]) -> dict[Place, Counter[str]]:
    found_counts: defaultdict[Place, Counter[str]] = defaultdict(Counter)
    for stack in (estate[name] for name in stacks if name in estate):
        place = replace(place_of(stack), kind="")
        for resource in stack.template["Resources"].values():
            if resource["Type"] in _BILLED:
                found_counts[place][_BILLED[resource["Type"]]] += 1
    return dict(found_counts)


def _of_stack(rule: str, stack: Stack, text: str) -> Finding:
    place: Place = place_of(stack)
    return Finding(rule=f"REVIEW-{rule}", place=place, subject=stack.name, text=text, type="stack")
