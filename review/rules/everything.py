"""All that is found of a comparison: each changed resource by every finder, then what spans several."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from review.changes.model import Change, Comparison
from review.changes.sound import ODD
from review.ground.findings import Finder, Finding, Survey
from review.ground.unjudged import not_judged, unjudged, unreadable
from review.planning.deploy_plan import DeployPlan, deploy_plan
from review.rules import (
    accounts,
    api,
    connections,
    data,
    exposure,
    functions,
    machines,
    names,
    origins,
    personalize,
    resource_policies,
    rest,
    roles,
    stacks,
    storage,
    tables,
    watch,
)

FINDERS: Sequence[Finder] = (
    data.data,
    data.emptied,
    data.secrets,
    data.keys,
    tables.tables,
    storage.buckets,
    storage.log_groups,
    storage.queues,
    storage.topics,
    roles.identities,
    roles.trust,
    resource_policies.policies_seen,
    api.routes,
    api.apis,
    api.bucket_access,
    api.stages,
    api.exposed,
    api.addresses,
    names.records,
    names.domains,
    names.aliases_seen,
    watch.alarms,
    watch.dashboards,
    watch.told,
    watch.events,
    watch.mail,
    machines.machines,
    functions.functions,
    functions.layers,
    functions.schedules,
    functions.sources,
    functions.afterwards,
    functions.concurrency,
    personalize.personalize,
    connections.connections,
    connections.references,
    exposure.secrets,
    origins.brought,
)
OF_METADATA: Sequence[Finder] = (exposure.secrets, origins.brought)
"""of resources of which nothing else changes"""
SURVEYS: Sequence[Survey] = (
    roles.rights,
    resource_policies.resource_policies,
    names.aliases,
    storage.archived,
    functions.consumers,
    functions.targets,
    accounts.other_accounts,
    personalize.quota,
    stacks.stacks,
    stacks.deployers,
    stacks.exports_in_use,
    stacks.names_taken,
    stacks.other_types,
    stacks.billed,
    rest.sections,
    rest.oddities,
    origins.templates,
    origins.code,
    origins.unknown,
    origins.custom,
    origins.uploads,
    connections.sections,
    exposure.sections,
)

_KNOWN = frozenset(
    [
        *("AWS::ApiGatewayV2::Api", "AWS::ApiGateway::RestApi", "AWS::Lambda::Url", "AWS::SNS::Topic"),
        *("AWS::Personalize::EventTracker", "AWS::Cognito::UserPoolClient"),
    ]
)
"""types that others know by an address or id, which another logical id changes"""


@dataclass(frozen=True, kw_only=True)
class Found:
    """plan: empty, if no order can be told for what the templates say."""

    findings: list[Finding]
    plan: DeployPlan


def findings(comparison: Comparison) -> Found:
    """In the order of the stacks and their resources; nothing that changes is without one. Resources that
    cannot be judged for what they say are said, and left out.
    """
    try:
        return _judged(comparison)
    except ODD as error:
        culprits = unjudged(comparison, _judged)
        try:
            found = _judged(culprits.rest)
        except ODD:
            found = Found(findings=[], plan=DeployPlan(deployments=(), stuck={}))
        said = culprits.findings or [*not_judged(comparison, error)]
        return replace(found, findings=[*said, *found.findings])


def _judged(comparison: Comparison) -> Found:
    plan = deploy_plan(comparison.before, comparison.after)
    found = [one for change in comparison.changes for one in _of_change(comparison, change)]
    found += [one for survey in SURVEYS for one in survey(comparison)]
    found += stacks.planned(comparison, plan)
    return Found(findings=list(dict.fromkeys(one for one in found if one.text)), plan=plan)


def _of_change(comparison: Comparison, change: Change) -> Iterator[Finding]:
    if (change.stack, change.logical_id) in comparison.moved and change.type not in data.HOLDING | _KNOWN:
        if change.is_new:
            yield rest.renamed(change)
        return
    finders = OF_METADATA if _only_metadata(change) else FINDERS
    found = [one for finder in finders for one in _by(finder, change)]
    found += data.new_and_not_kept(change, _retains(comparison, change))
    covered = {name for one in found for name in one.covers}
    yield from found
    yield from rest.rest(change, covered, said=any(one.text for one in found))


def _only_metadata(change: Change) -> bool:
    return not (change.is_new or change.goes or change.properties) and {*change.others} == {"Metadata"}


def _by(finder: Finder, change: Change) -> list[Finding]:
    """Values that CloudFormation would refuse are said too, and do not end the review."""
    try:
        return list(finder(change))
    except ODD:
        return [unreadable(change)]


def _retains(comparison: Comparison, change: Change) -> bool:
    """Whether what holds data is kept in the stage, by the word of its other resources."""
    return any(
        resource.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")
        for name, stack in comparison.before.items()
        if name.startswith(f"{change.place.stage}-")
        for resource in stack.template["Resources"].values()
        if resource["Type"] in data.HOLDING
    )
