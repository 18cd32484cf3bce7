"""A list that was found, whose it is, and why nobody before it answered."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipeline.serving.campaigns import Scored
from pipeline.serving.denied import Denied


@dataclass(frozen=True)
class Found:
    """variant, generation: of the list; for a campaign the visible one. reasons: why earlier sources did
    not answer. cache_age: seconds since look-ups of the pointer began to fail. previous: the generation to
    look in for what the visible one may still lack here. arm, experiment: as assigned, and by which version.
    items: without those that are denied, of which `withheld` were left out.
    """

    items: tuple[Scored, ...]
    source: str
    variant: str
    generation: str | None
    reasons: tuple[str, ...] = ()
    cache_age: float = 0.0
    recommendation_id: str | None = None
    previous: str | None = None
    arm: str | None = None
    experiment: int | None = None
    denied: Denied = field(default_factory=Denied)
    withheld: int = 0
