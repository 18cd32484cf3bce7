"""How long things take: not at all (`instant`) or about as long as in the service (`realistic`)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

UPDATES_SECONDS = 7200
"""between the updates that give models new items"""
_SECONDS: Mapping[str, float] = {
    "DatasetGroup": 20,
    "Dataset": 20,
    "DatasetImportJob": 300,
    "DatasetExportJob": 300,
    "Solution": 20,
    "SolutionVersion": 1800,
    "Campaign": 400,
    "EventTracker": 20,
    "Filter": 60,
    "BatchInferenceJob": 900,
    "BatchSegmentJob": 900,
    "DataDeletionJob": 3600,
    "MetricAttribution": 20,
    "Recommender": 1800,
    "RecommenderTraining": 1800,
}


@dataclass(frozen=True)
class Timing:
    """`seconds` from a request to its end by kind of resource; deleting takes a tenth of creating."""

    name: str
    seconds: Mapping[str, float] = field(default_factory=dict)
    scale: float = 1.0

    def creating(self, kind: str) -> float:
        return self.seconds.get(kind, 0.0) * self.scale

    def deleting(self, kind: str) -> float:
        return self.creating(kind) / 10

    def scheduled(self, seconds: float) -> float:
        """Until something comes by itself: days are days, unless a rehearsal is to go faster."""
        return seconds * self.scale

    def updated(self, now: float) -> float:
        """What came before this time (epoch seconds) has reached the models that take new items."""
        step = self.scheduled(UPDATES_SECONDS) if self.seconds else 0.0
        return now // step * step if step else math.inf

    def pending(self, whole: float) -> float:
        """The part of a wait that is spent pending."""
        return whole / 4


def timing(name: str, scale: float = 1.0) -> Timing:
    """How long things take; scale: stretches all of it. Raises: ValueError, if no timing is called so."""
    match name:
        case "instant":
            return Timing(name)
        case "realistic":
            return Timing(name, _SECONDS, scale)
        case _:
            raise ValueError(f"no timing called {name!r}; there are 'instant' and 'realistic'")
