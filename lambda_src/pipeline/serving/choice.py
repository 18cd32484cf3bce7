"""Whose list is due to somebody, and whose would do instead."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.experiments.assignment import NOBODY, assigned
from pipeline.experiments.experiment import STOPPED
from pipeline.serving.memory import Seen
from pipeline.serving.settings import Endpoint


@dataclass(frozen=True)
class Choice:
    """order: variants, the one that is due first. arm, experiment: as assigned, whichever list answers.
    reasons: why another variant is due than the assigned one.
    """

    order: tuple[str, ...]
    arm: str | None = None
    experiment: int | None = None
    reasons: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        return self.order[0]


def chosen(endpoint: Endpoint, seen: Seen, unit: str | None, *, kept: str | None = None) -> Choice:
    """unit: None if nobody is known who could be assigned. kept: the variant that the reader began with."""
    reasons = ["experiment_broken"] if seen.broken else []
    experiment = seen.experiment
    if experiment is None or experiment.state == STOPPED or unit is None:
        due, version, who = None, None, NOBODY
    else:
        who = assigned(experiment, unit)
        due, version = who.variant, experiment.version
    if kept is None and due is not None and due not in endpoint.variants:
        reasons.append("variant_missing")
    first = next((name for name in (kept, due) if name in endpoint.variants), endpoint.variant)
    order = tuple(dict.fromkeys((first, *endpoint.variants)))
    return Choice(order, who.arm, version, tuple(reasons))
