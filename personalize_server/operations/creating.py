"""Create: parents, names, quotas and tags of any type of resource."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from personalize_server.facts.errors import LimitExceeded, ResourceAlreadyExists, ResourceInUse
from personalize_server.facts.resource_type import Limit, ResourceType
from personalize_server.facts.resources import RESOURCES
from personalize_server.operations.tagging import tag_mapping
from personalize_server.state.context import Answer, Context, Request
from personalize_server.state.farewells import forget
from personalize_server.state.store import Record

Parents = Mapping[str, Record]


@dataclass(frozen=True)
class Draft:
    """What a type adds to the request's own members."""

    body: Mapping[str, Any] = field(default_factory=dict)
    own: Mapping[str, Any] = field(default_factory=dict)
    arn: Mapping[str, str] = field(default_factory=dict)
    """parts of the ARN besides {name} and {id}"""
    answer: Mapping[str, Any] = field(default_factory=dict)
    work: str | None = "queued"
    """how its background job starts, where the type has one"""


Prepare = Callable[[Context, Request, Parents], Draft]


def nothing_more(context: Context, request: Request, parents: Parents) -> Draft:
    return Draft()


def create(context: Context, kind: str, request: Request, prepare: Prepare = nothing_more) -> Answer:
    """What all Create operations do: look at the request, prepare, store and answer.

    Raises: ResourceAlreadyExists, if the name is taken.
    """
    facts = RESOURCES[kind]
    tags = tag_mapping(context, request.get("tags", []))
    parents = _parents(context, facts, request)
    draft = prepare(context, request, parents)
    name = request.get(facts.name_member, "")
    path = facts.arn.format(name=name, id=uuid.uuid4().hex[:8], **draft.arn)
    arn = context.arn(path)
    links = _links(facts, parents)
    failure = context.options.made_to_fail.reason(f"Create{kind}", arn)
    work = "failed" if failure else draft.work
    with context.store.transaction():
        if context.store.get(arn) is not None:
            raise ResourceAlreadyExists(f"Another resource with Arn {arn} already exists.")
        forget(context, arn)
        for limit in facts.limits:
            _check_limit(context, facts, limit, links)
        members = {key: value for key, value in request.items() if key != "tags"}
        context.store.insert(
            Record(
                arn=arn,
                kind=kind,
                account=context.caller.account,
                region=context.caller.region,
                name=name,
                body={**facts.defaults, **members, **draft.body, facts.arn_member: arn},
                own=draft.own,
                links=links,
                created=context.now,
                updated=context.now,
                phase_since=context.now,
                work=work if facts.works else None,
                failure=failure,
            )
        )
        context.store.set_tags(arn, tags)
    if facts.works:
        context.wake()
    return {facts.arn_member: arn, **draft.answer}


def _parents(context: Context, facts: ResourceType, request: Request) -> dict[str, Record]:
    """The resources that the request names, by kind; those that must be ACTIVE are."""
    found = {}
    for parent in facts.parents:
        if parent.member in request:
            found[parent.kind] = context.find(parent.kind, request[parent.member])
    for parent in facts.parents:
        record = found.get(parent.kind)
        if record is not None and parent.active and not context.active(record):
            raise ResourceInUse(f"Resource Arn {record.arn} is not ACTIVE, it is {context.status(record)}.")
    return found


def _links(facts: ResourceType, parents: Parents) -> dict[str, str]:
    """The parents and, through them, theirs."""
    links: dict[str, str] = {}
    for parent in facts.parents:
        record = parents.get(parent.kind)
        if record is not None:
            links |= {**record.links, **links, parent.member: record.arn}
    return links


def _check_limit(context: Context, facts: ResourceType, limit: Limit, links: Mapping[str, str]) -> None:
    allowed = limit.quota(context.options.quotas)
    if limit.within is None:
        rivals = len(context.being_made(facts.kind)) if limit.running_only else context.count(facts.kind)
    else:
        there = context.linked(links[limit.within], kind=facts.kind, member=limit.within)
        rivals = sum(not limit.running_only or context.running(record) for record in there)
    if rivals >= allowed:
        raise LimitExceeded(limit.text.format(limit=allowed))
