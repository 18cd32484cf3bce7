"""A belief, and what a check of it found."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError

from verification.beliefs.world import World


class Result(StrEnum):
    CONFIRMED = "confirmed"
    REFUTED = "refuted"
    UNDETERMINED = "undetermined"


class Unknown(Exception):
    """The check could not be made; the message says why."""


@dataclass(frozen=True)
class Finding:
    """evidence: as the service said it, of plain values."""

    result: Result
    evidence: Any


@dataclass(frozen=True)
class Belief:
    """statement: a sentence that is true or not. relied_on: where the product relies on it."""

    id: str
    statement: str
    relied_on: str
    check: Callable[[World], Finding]


def held(truth: bool, evidence: Any) -> Finding:
    return Finding(Result.CONFIRMED if truth else Result.REFUTED, evidence)


def examine(belief: Belief, world: World) -> Finding:
    """Whatever goes wrong in one check leaves the others, and the removal afterwards, undisturbed."""
    try:
        return belief.check(world)
    except Unknown as reason:
        return Finding(Result.UNDETERMINED, str(reason))
    except Exception as error:
        return Finding(Result.UNDETERMINED, f"the check failed: {type(error).__name__}: {error}")


def refusal(call: Callable[..., Any], **arguments: Any) -> dict[str, str] | None:
    """Code and message that the service refuses a call with; None if it takes it."""
    try:
        call(**arguments)
    except ClientError as error:
        return {"code": error.response["Error"]["Code"], "message": error.response["Error"]["Message"]}
    return None
