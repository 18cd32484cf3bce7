"""A list that was found, whose it is, and why nobody before it answered."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.serving.campaigns import Scored


@dataclass(frozen=True)
class Found:
    """variant, generation: of the list; for a campaign the visible one. reasons: why earlier sources did
    not answer. cache_age: seconds since look-ups of the pointer began to fail. previous: the generation to
    look in for what the visible one may still lack here. arm, experiment: as assigned, and by which version.
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
