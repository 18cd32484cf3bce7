"""An experiment of a use case as it stands in one version of its item."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

BUCKETS = 10_000
"""Shares are numbers of buckets: 2,000 are 20 %."""
CONTROL, TREATMENT = "control", "treatment"
SHADOW, AA, RUNNING, PAUSED, RETURNED, FULL, STOPPED = (
    *("shadow", "aa", "running", "paused", "returned", "full", "stopped"),
)
STATES = (SHADOW, AA, RUNNING, PAUSED, RETURNED, FULL, STOPPED)
ASKED, APPROVED = "asked", "given"
"""Of an approval; neither is an empty text."""
MOST_OVERRIDES, LONGEST_WORDS = 200, 2000
"""Testers; characters of a hypothesis or a reason. An item of DynamoDB has 400 KB."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")


@dataclass(frozen=True)
class Arm:
    """variant: who makes the arm's lists. weight: of 10,000, of all arms together."""

    name: str
    variant: str
    weight: int


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """state: shadow (nobody takes part), aa (arms, and the default variant for all), running, paused (as
    running, and exposure does not grow), returned (arms, and the default variant for all), full (the first
    arm's variant for all but those who are held back), stopped (no arms, the default variant).
    exposure: of 10,000, who takes part. held_back: of 10,000; 0 until the experiment was full once.
    arms: in the order of their buckets; the last one is `control`. overrides: arms of testers by their ids.
    approval: of the step that comes next: asked for, given, or neither. held: paused in a shadow or an A/A
    phase, in which nobody sees other lists: the state stays, and nothing goes on.
    started_at, changed_at: ISO 8601. region, epoch: that wrote it. more: attributes of a newer version.
    """

    version: int
    state: str
    salt: str
    exposure: int
    arms: tuple[Arm, ...]
    hypothesis: str
    metric: str
    started_at: str
    changed_at: str
    changed_by: str
    why: str
    held_back: int = 0
    approval: str = ""
    held: bool = False
    overrides: Mapping[str, str] = field(default_factory=dict, hash=False)
    region: str | None = None
    epoch: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def words(self) -> str:
        """Of the state."""
        return f"{self.state}, paused" if self.held else self.state

    def arm(self, name: str) -> Arm | None:
        return next((arm for arm in self.arms if arm.name == name), None)

    def problems(self) -> Iterator[str]:
        """Each begins with the member that breaks a rule."""
        if self.version < 1:
            yield f"version must be at least 1, not {self.version}"
        if self.state not in STATES:
            yield f"state must be one of {', '.join(STATES)}, not {self.state!r}"
        if not self.salt:
            yield "salt must not be empty"
        for name, share in (("exposure", self.exposure), ("held_back", self.held_back)):
            if not 0 <= share <= BUCKETS:
                yield f"{name} must be 0 to {BUCKETS:,}, not {share:,}"
        if self.held and self.state not in (SHADOW, AA):
            yield f"held must not be set while it is {self.state}"
        if self.approval not in ("", ASKED, APPROVED):
            yield f"approval must be {ASKED}, {APPROVED} or empty, not {self.approval!r}"
        yield from self._arm_problems()
        for user, arm in self.overrides.items():
            if not user or self.arm(arm) is None:
                yield f"overrides must give a user one of the arms, not {user!r} the arm {arm!r}"
        if len(self.overrides) > MOST_OVERRIDES:
            yield f"overrides must be {MOST_OVERRIDES} at most, not {len(self.overrides):,}"
        for name, words in (("hypothesis", self.hypothesis), ("why", self.why)):
            if len(words) > LONGEST_WORDS:
                yield f"{name} must have {LONGEST_WORDS:,} characters at most, not {len(words):,}"

    def _arm_problems(self) -> Iterator[str]:
        names = [arm.name for arm in self.arms]
        if len(names) < 2 or len(set(names)) < len(names):
            yield f"arms must be two or more of different names, not {', '.join(names) or 'none'}"
        elif names[-1] != CONTROL:
            yield f"arms must end with {CONTROL}, whose last buckets are held back, not with {names[-1]}"
        for arm in self.arms:
            for what, name in (("name", arm.name), ("variant", arm.variant)):
                if not _NAME.fullmatch(name):
                    yield f"arms: the {what} {name!r} must match {_NAME.pattern}"
            if arm.weight < 0:
                yield f"arms: the weight of {arm.name} must not be negative, and is {arm.weight:,}"
        whole = sum(arm.weight for arm in self.arms)
        if whole != BUCKETS:
            yield f"arms: the weights must add up to {BUCKETS:,}, and make {whole:,}"
