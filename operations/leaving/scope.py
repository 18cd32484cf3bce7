"""What may be removed: what one stage, or some of its use cases, have in a region."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from config.derived.recognition import StageNames
from config.types.stage_config import APP

Clients = Callable[[str], Any]
"""Makes a client of the region for a service's name."""


@dataclass(frozen=True)
class Scope:
    """use_cases: as names have them (`similar-films`, `films2`); none means all of the stage."""

    account: str
    region: str
    stage: str
    use_cases: tuple[str, ...] = ()

    @property
    def names(self) -> StageNames:
        return StageNames(self.stage)

    @property
    def cdk_stage(self) -> str:
        """Beginning of the stacks' names, and of what CloudFormation names after them."""
        return f"{self.stage.capitalize()}-{self.region}"

    @property
    def whole_stage(self) -> bool:
        return not self.use_cases

    def holds(self, use_case: str | None) -> bool:
        return use_case is not None and (self.whole_stage or use_case in self.use_cases)

    def contradicted(self, tags: Mapping[str, str]) -> str:
        """Which tag says that something is another's; empty if none does, as where there are no tags."""
        wrong = [f"{key}={tags[key]}" for key, value in self._tags.items() if tags.get(key, value) != value]
        return ", ".join(wrong)

    def confirmed(self, tags: Mapping[str, str]) -> bool:
        """Whether both tags say that it is the stage's, as they do of all that a stack has made."""
        return all(tags.get(key) == value for key, value in self._tags.items())

    @property
    def _tags(self) -> Mapping[str, str]:
        return {"stage": self.stage, "service": APP}


@dataclass(frozen=True)
class Thing:
    """Something that is to go. handle: what the service knows it by, an ARN or a name. of: the use case."""

    kind: str
    name: str
    handle: str
    of: str = ""
    details: Mapping[str, Any] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Stay:
    """Something that is not removed, and why."""

    kind: str
    name: str
    why: str


@dataclass
class Found:
    """What was found, in the order in which it was looked for."""

    things: list[Thing] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
