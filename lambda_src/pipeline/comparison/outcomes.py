"""Which of two lists had what people did afterwards: metrics of both for the same people, and a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.evaluation.metrics import Hits
from engine.evaluation.significance import Estimate, bootstrap, paired
from engine.ground.arrays import Codes
from engine.ground.histories import Histories, offsets_of
from pipeline.comparison.history import Pairs
from pipeline.comparison.lists import Lists

Values = NDArray[np.float64]
METRICS = ("hit_rate@10", "hit_rate@25", "ndcg@10", "mrr@25", "precision@10", "recall@10")
MOST_TESTED = 10_000
"""People who are resampled by themselves; more are in groups of equal size, whose means are."""
_DRAWS = 2_000


@dataclass(frozen=True)
class Outcomes:
    """people: codes of those who did something that the lists could have had. first, second: by metric, a
    value for each of them.
    """

    people: NDArray[np.int64]
    first: dict[str, Values]
    second: dict[str, Values]

    def within(self, mask: NDArray[np.bool_]) -> Outcomes:
        """Of some people; mask: by code."""
        kept = mask[self.people]
        return Outcomes(
            self.people[kept],
            {name: values[kept] for name, values in self.first.items()},
            {name: values[kept] for name, values in self.second.items()},
        )

    def as_json(self, rng: np.random.Generator, metrics: tuple[str, ...] = METRICS) -> dict[str, Any]:
        """Means with 95 % intervals, and second - first with the chance of one so large by luck."""
        if not len(self.people):
            return {"people": 0, "metrics": {}}
        groups = _groups(len(self.people), rng)
        return {
            "people": len(self.people),
            "metrics": {name: _tested(self.first[name], self.second[name], groups) for name in metrics},
        }


def outcomes(first: Lists, second: Lists, pairs: Pairs, items: int) -> Outcomes:
    """Of people who were in the batch of both. What they had already does not count: lists leave it out."""
    rows = min(len(first.items), len(second.items))
    pairs = pairs[pairs[:, 0] < rows]
    pairs = pairs[(first.asked[:rows] & second.asked[:rows])[pairs[:, 0]]]
    new = [item not in first.own.get(person, ()) for person, item in pairs.tolist()]
    pairs = pairs[np.array(new, np.bool_)]
    people, counts = np.unique(pairs[:, 0], return_counts=True)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    wanted = Histories(offsets_of(counts), pairs[order, 1].astype(np.int32), np.ones(len(pairs), np.float32))
    return Outcomes(
        people, _metrics(first.items[people], wanted, items), _metrics(second.items[people], wanted, items)
    )


def without(pairs: Pairs, others: Pairs) -> Pairs:
    """Those of the first that are not among the others."""
    if not len(pairs) or not len(others):
        return pairs
    width = int(max(pairs[:, 1].max(), others[:, 1].max())) + 1
    return pairs[~np.isin(pairs[:, 0] * width + pairs[:, 1], others[:, 0] * width + others[:, 1])]


def _metrics(lists: Codes, wanted: Histories, items: int) -> dict[str, Values]:
    hits = Hits.of(lists, wanted, items)
    values = (
        hits.hit_rate(10), hits.hit_rate(25), hits.ndcg(10), hits.reciprocal_rank(25),
        hits.precision(10), hits.recall(10),
    )  # fmt: skip
    return dict(zip(METRICS, values, strict=True))


def _groups(people: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Groups x people: everybody but a few is in one."""
    size = -(-people // MOST_TESTED)
    groups = people // size
    order = rng.permutation(people) if size > 1 else np.arange(people)
    return order[: groups * size].reshape(groups, size)


def _tested(first: Values, second: Values, groups: NDArray[np.int64]) -> dict[str, Any]:
    one, other = first[groups].mean(axis=1), second[groups].mean(axis=1)
    difference = paired(other, one, draws=_DRAWS)
    return {
        "a": _estimate(bootstrap(one), first.mean()),
        "b": _estimate(bootstrap(other), second.mean()),
        "difference": {
            **_estimate(difference.mean, (second - first).mean()),
            "pValue": difference.p_value,
        },
    }


def _estimate(estimate: Estimate, mean: float) -> dict[str, float]:
    """mean: of everybody, those outside of groups too."""
    return {"mean": float(mean), "low": estimate.low, "high": estimate.high}
