"""One right that a call needs."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from local_cloud.judge.actions.requests import Asked
from rights.patterns import Context


class NoMapping(LookupError):
    """Nobody has written down which rights an operation needs; the message names it."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """`context`: what conditions may ask of this action, besides what they may ask of every call."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)


Needs = Callable[[Asked], Iterable[Need]]
Table = Mapping[str, Needs]
"""by operation"""


def arn(asked: Asked, service: str, name: str) -> str:
    return f"arn:aws:{service}:{asked.region}:{asked.account}:{name}"


def on(action: str, resource: Callable[[Asked], str]) -> Needs:
    """One action on one resource."""
    return lambda asked: (Need(action=action, resource=resource(asked)),)


def everywhere(action: str) -> Needs:
    """An action that takes no resource."""
    return on(action, lambda _: "*")


def member(name: str) -> Callable[[Asked], str]:
    """The member that is the resource's ARN."""
    return lambda asked: str(asked.members[name])


def key_need(action: str, key: str) -> Need:
    return Need(action=f"kms:{action}", resource=key)
