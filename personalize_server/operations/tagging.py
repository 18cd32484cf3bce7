"""Tags on resources."""

from collections.abc import Mapping, Sequence

from personalize_server.facts.errors import InvalidInput, ResourceNotFound, TooManyTagKeys, TooManyTags
from personalize_server.facts.resources import RESOURCES
from personalize_server.state.context import Answer, Context, Request
from personalize_server.state.store import Record


def tag_mapping(context: Context, tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Values by key. Raises: InvalidInput, for a reserved key or the same one twice."""
    found: dict[str, str] = {}
    for tag in tags:
        key = tag["tagKey"]
        if key in found:
            raise InvalidInput(f"The tag key {key} occurs more than once.")
        if key.lower().startswith("aws:"):
            raise InvalidInput("Tag keys that start with aws: are reserved.")
        found[key] = tag["tagValue"]
    _check_number(context, found)
    return found


def tag_resource(context: Context, request: Request) -> Answer:
    record = _taggable(context, request["resourceArn"])
    new = tag_mapping(context, request["tags"])
    with context.store.transaction():
        tags = {**context.store.tags(record.arn), **new}
        _check_number(context, tags)
        context.store.set_tags(record.arn, tags)
    return {}


def untag_resource(context: Context, request: Request) -> Answer:
    """Removes tags by their keys. Raises: TooManyTagKeys, for more than a resource can have."""
    record = _taggable(context, request["resourceArn"])
    keys = set(request["tagKeys"])
    if len(keys) > context.options.quotas.tags:
        raise TooManyTagKeys(f"More than {context.options.quotas.tags} tag keys.")
    with context.store.transaction():
        tags = context.store.tags(record.arn)
        context.store.set_tags(record.arn, {key: tags[key] for key in tags if key not in keys})
    return {}


def list_tags_for_resource(context: Context, request: Request) -> Answer:
    record = _taggable(context, request["resourceArn"])
    tags = context.store.tags(record.arn)
    return {"tags": [{"tagKey": key, "tagValue": tags[key]} for key in sorted(tags)]}


def _taggable(context: Context, arn: str) -> Record:
    stored = context.store.get(arn)
    if stored is None:
        raise ResourceNotFound(f"Resource Arn {arn} does not exist.")
    record = context.find(stored.kind, arn)
    if not RESOURCES[record.kind].taggable:
        raise InvalidInput(f"Resource Arn {arn} cannot be tagged.")
    return record


def _check_number(context: Context, tags: Mapping[str, str]) -> None:
    if len(tags) > context.options.quotas.tags:
        raise TooManyTags(f"A resource cannot have more than {context.options.quotas.tags} tags.")
