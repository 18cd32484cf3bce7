"""What Amazon Personalize holds for the stage: its dataset groups with all that is in them, and schemas.

A dataset group is the stage's by its name; what lies in it, by a name that begins with the group's; and
nothing is whose tags `stage` or `service` name others. Most of it has no tags: templates give it none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from config.derived.recognition import is_named_after
from operations.estate import kinds
from operations.estate.kinds import BY_WORDS, Kind
from operations.estate.listing import GONE, code, listed
from operations.leaving.scope import Found, Scope, Stay, Thing

_IN_GROUPS = (
    kinds.SOLUTION,
    kinds.FILTER,
    kinds.EVENT_TRACKER,
    kinds.DATASET,
    kinds.RECOMMENDER,
    kinds.METRIC_ATTRIBUTION,
)
_TRAINING = ("CREATE PENDING", "CREATE IN_PROGRESS")


def look(personalize: Any, scope: Scope) -> Found:
    """What is in one of the stage's groups without being the stage's is a problem: it keeps the group."""
    found = Found()
    for group in _groups(personalize, scope, found):
        found.things.append(group)
        for thing in _inside(personalize, group):
            if not is_named_after(thing.name, group.name):
                found.problems.append(_in_the_way(thing, group, f"its name does not begin with {group.name}"))
            elif wrong := scope.contradicted(tags_of(personalize, thing)):
                found.problems.append(_in_the_way(thing, group, f"it has the tag {wrong}"))
            else:
                found.things.append(thing)
    for schema in listed(personalize, kinds.SCHEMA):
        use_case = scope.names.of_schema(schema["name"])
        if scope.holds(use_case):
            found.things.append(_thing(kinds.SCHEMA, schema, use_case or ""))
    return found


def tags_of(personalize: Any, thing: Thing) -> Mapping[str, str]:
    """None of what has gone meanwhile, or cannot have any."""
    if not BY_WORDS[thing.kind].taggable:
        return {}
    try:
        tags = personalize.list_tags_for_resource(resourceArn=thing.handle)["tags"]
    except ClientError as error:
        if code(error) == GONE:
            return {}
        raise
    return {tag["tagKey"]: tag["tagValue"] for tag in tags}


def _groups(personalize: Any, scope: Scope, found: Found) -> Iterator[Thing]:
    for group in listed(personalize, kinds.DATASET_GROUP):
        use_case = scope.names.of_group(group["name"])
        if use_case is None:
            continue
        thing = _thing(kinds.DATASET_GROUP, group, use_case)
        if not scope.holds(use_case):
            found.stays.append(Stay(thing.kind, thing.name, f"--use-case {use_case} was not asked for"))
        elif wrong := scope.contradicted(tags_of(personalize, thing)):
            found.stays.append(Stay(thing.kind, thing.name, f"the tag {wrong} says that it is another's"))
        else:
            yield thing


def _inside(personalize: Any, group: Thing) -> Iterator[Thing]:
    for kind in _IN_GROUPS:
        for summary in listed(personalize, kind, datasetGroupArn=group.handle):
            thing = _thing(kind, summary, group.of)
            if kind is not kinds.SOLUTION:
                yield thing
                continue
            for campaign in listed(personalize, kinds.CAMPAIGN, solutionArn=thing.handle):
                yield _thing(kinds.CAMPAIGN, campaign, group.of)
            for version in listed(personalize, kinds.SOLUTION_VERSION, solutionArn=thing.handle):
                yield _version(version, thing)
            yield thing


def _thing(kind: Kind, summary: Mapping[str, Any], use_case: str) -> Thing:
    details = {"status": summary.get("status", "")}
    return Thing(kind.words, summary.get(kind.named, ""), summary[kind.arn], use_case, details)


def _version(summary: Mapping[str, Any], solution: Thing) -> Thing:
    """By its solution's name; running: whether it trains."""
    arn, status = summary["solutionVersionArn"], summary.get("status", "")
    name = f"{solution.name}/{arn.rpartition('/')[2]}"
    details = {"status": status, "running": status in _TRAINING}
    return Thing(kinds.SOLUTION_VERSION.words, name, arn, solution.of, details)


def _in_the_way(thing: Thing, group: Thing, why: str) -> str:
    removal = BY_WORDS[thing.kind].command.format(thing.handle)
    return (
        f"{thing.kind} {thing.name} lies in {group.kind} {group.name}, which cannot go before it, and is not "
        f"the stage's, since {why}: `{removal}`, if nobody needs it"
    )
