"""A resource type with as few properties as it can have, and those that a template may add and take away."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# What the service says, by property, given its client and the resource's id.
Look = Callable[[Any, str], Mapping[str, Any]]


@dataclass(frozen=True)
class PropertyCase:
    """`more` are the properties that come and go, and `look` shows what becomes of each of them.

    `documented` are defaults of the service's documentation; the others are what a resource has that never
    had the property. `others` are resources that it needs.
    """

    kind: str
    service: str
    look: Look
    least: Mapping[str, Any]
    more: Mapping[str, Any]
    documented: Mapping[str, Any] = field(default_factory=dict)
    others: Mapping[str, Any] = field(default_factory=dict)


def tags_of(tags: Any) -> dict[str, str]:
    """Of whatever form a service has for them."""
    if isinstance(tags, Mapping):
        return tags_of(tags["TagSet"]) if "TagSet" in tags else dict(tags)
    return {_either(tag, "key"): _either(tag, "value") for tag in tags or []}


def own_tags(tags: Any) -> dict[str, str]:
    """Without those that CloudFormation adds."""
    return {key: value for key, value in tags_of(tags).items() if not key.startswith("aws:")}


def _either(tag: Mapping[str, str], word: str) -> str:
    return next(value for name, value in tag.items() if name.lower().removeprefix("tag") == word)
