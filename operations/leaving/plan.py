"""What would go, in which order, what stays and why, and what keeps it from being begun."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from operations.estate.kinds import DELETABLE, SOLUTION_VERSION
from operations.leaving import files, holdings, logs, rights
from operations.leaving.jobs import Job, jobs_of
from operations.leaving.scope import Clients, Found, Scope, Stay, Thing
from operations.leaving.stacks import refusals, stacks_of

ORDER = (
    SOLUTION_VERSION.words,
    *(kind.words for kind in DELETABLE),
    files.FILES,
    rights.BUCKET_POLICY,
    rights.GRANT,
    rights.KEY_POLICY,
    rights.ROLE,
    logs.LOG_GROUP,
)
_SHOWN = 12
_UNKNOWN = "nothing of a stage {} was ever seen in {}, not even a stack: are name and region right?"
_KEPT = "no operation deletes it; its description keeps paths in S3 and a role's name"


@dataclass(frozen=True)
class Plan:
    """things: in the order in which they go. problems: with any of them nothing is begun.
    stacks: that the stage has in the region, whatever is in them.
    """

    scope: Scope
    things: tuple[Thing, ...] = ()
    jobs: tuple[Job, ...] = ()
    stays: tuple[Stay, ...] = ()
    problems: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()

    def of(self, kind: str) -> list[Thing]:
        return [thing for thing in self.things if thing.kind == kind]

    def as_json(self) -> dict[str, Any]:
        return {
            "region": self.scope.region,
            "goes": [
                {"kind": one.kind, "name": one.name, "handle": one.handle, "useCase": one.of}
                for one in self.things
            ],
            "stays": [vars(stay) for stay in self.stays],
            "problems": list(self.problems),
        }


def plan_of(clients: Clients, scope: Scope, recorded: Sequence[Thing] = ()) -> Plan:
    """Changes nothing. recorded: places of files that an earlier, interrupted run has found."""
    stacks = stacks_of(clients, scope)
    held = holdings.look(clients("personalize"), scope)
    jobs = jobs_of(clients("personalize"), scope, held.things)
    buckets = files.buckets_of(clients, scope)
    placed = files.look(clients, scope, buckets, jobs)
    known = {thing.name for thing in placed.things}
    placed.things += [
        thing
        for thing in recorded
        if thing.kind == files.FILES
        and thing.name not in known
        and thing.details["bucket"] in buckets
        and next(files.versions(clients("s3"), thing), None)
    ]
    allowed = rights.look(clients, scope, buckets, stacks)
    written = Found(things=list(logs.log_groups(clients("logs"), scope, stacks)))
    parts = (held, placed, allowed, written)
    things = [thing for part in parts for thing in part.things]
    unknown = (
        [] if stacks.names or things or jobs or recorded else [_UNKNOWN.format(scope.stage, scope.region)]
    )
    return Plan(
        scope,
        tuple(sorted(things, key=lambda thing: (ORDER.index(thing.kind), thing.of, thing.name))),
        tuple(jobs),
        (*(stay for part in parts for stay in part.stays), *(_kept(job) for job in jobs)),
        (*refusals(clients, scope, stacks), *held.problems, *unknown),
        stacks.names,
    )


def lines_of(plan: Plan) -> Iterator[str]:
    """For people."""
    scope = plan.scope
    whose = ", ".join(scope.use_cases) or "all use cases"
    yield f"Amazon Personalize of stage {scope.stage} ({whose}) in {scope.region}, account {scope.account}"
    yield ""
    if plan.things:
        yield "Goes, in this order:"
        number = 0
        for kind in ORDER:
            if things := plan.of(kind):
                number += 1
                how = ", with its solution" if kind == SOLUTION_VERSION.words else ""
                yield f"  {number}. {kind}{how}: {len(things):,}"
                yield from _some([thing.name for thing in things])
    else:
        yield "Nothing goes: nothing is there."
    if running := [job.name for job in plan.jobs if job.running]:
        yield f"Is awaited first: {', '.join(running)}"
    if trained := [one.name for one in plan.things if one.details.get("running")]:
        yield f"Is stopped first: {', '.join(trained)}"
    if plan.stays:
        yield "Stays:"
        for (kind, why), count in Counter((stay.kind, stay.why) for stay in plan.stays).items():
            yield f"  {count:,} of kind {kind}: {why}"
            yield from _some([stay.name for stay in plan.stays if (stay.kind, stay.why) == (kind, why)])
    if plan.problems:
        yield "Nothing can go yet:"
        yield from (f"  - {problem}" for problem in plan.problems)


def _some(names: Sequence[str]) -> Iterator[str]:
    yield from (f"       {name}" for name in names[:_SHOWN])
    if len(names) > _SHOWN:
        yield f"       and {len(names) - _SHOWN:,} more"


def _kept(job: Job) -> Stay:
    return Stay(job.kind, job.name, _KEPT)
