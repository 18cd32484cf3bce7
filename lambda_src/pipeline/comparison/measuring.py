"""All figures of a pair of lists, for everybody and by segment, as they are stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.comparison import agreement, verdict
from pipeline.comparison.history import History, segments
from pipeline.comparison.lists import Lists
from pipeline.comparison.nature import Popularity, nature
from pipeline.comparison.outcomes import Outcomes
from pipeline.comparison.request import Comparing, Listed, Thresholds
from pipeline.formats import FORMAT, NEWEST

EVERYBODY = "everybody"
_OF_SEGMENTS = ("hit_rate@10", "ndcg@10")


@dataclass(frozen=True, kw_only=True)
class Afterwards:
    """run, day: whose lists, and the whole day (2026-11-21, UTC) after them. organic, from_lists: what people
    did on that day by themselves, and what came from a list; all: everything since the lists were made.
    """

    run: str
    day: str
    organic: Outcomes
    from_lists: Outcomes
    all: Outcomes


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a comparison is made of. reason: why `afterwards` is None."""

    comparing: Comparing
    first: Lists
    second: Lists
    history: History
    afterwards: Afterwards | None
    reason: str | None

    def as_json(self, rng: np.random.Generator) -> dict[str, Any]:
        """rng: for pairs of people and groups of them, where there are too many for all."""
        comparing, pair = self.comparing, (self.first, self.second)
        listed = {one.variant: one for one in comparing.variants}
        people = self._people
        compared: dict[str, Any] = {
            FORMAT: NEWEST,
            "useCase": comparing.use_case,
            "run": comparing.run,
            "a": self.first.variant,
            "b": self.second.variant,
            "of": "items" if self.first.of_items else "people",
            "people": int(people.sum()),
            "items": len(self.history.counts),
            "limit": comparing.limit,
            "errorLines": {"a": self.first.errors, "b": self.second.errors},
            "sources": [{"variant": lists.variant, **_source(listed[lists.variant])} for lists in pair],
            "segments": {
                name: self._segment(np.flatnonzero(mask), rng) for name, mask in self._masks.items()
            },
            "after": self._after(rng),
            "costs": {
                letter: _costs(listed[lists.variant], int(lists.asked.sum()))
                for letter, lists in zip("ab", pair, strict=True)
            },
            "reported": {
                letter: listed[lists.variant].metrics for letter, lists in zip("ab", pair, strict=True)
            },
        }
        return {**compared, **_judged(compared, comparing.thresholds)}

    @property
    def _people(self) -> NDArray[np.bool_]:
        return np.asarray(self.first.asked | self.second.asked)

    @property
    def _masks(self) -> dict[str, NDArray[np.bool_]]:
        people = self._people
        masks = self._segments_by(self.history.done)
        return {EVERYBODY: people, **{name: mask & people for name, mask in masks.items()}}

    def _segments_by(self, done: NDArray[np.int64]) -> dict[str, NDArray[np.bool_]]:
        thresholds = self.comparing.thresholds
        return segments(done, thresholds.light_from, thresholds.heavy_from)

    def _segment(self, people: NDArray[np.int64], rng: np.random.Generator) -> dict[str, Any]:
        popularity = Popularity(self.history.counts)
        limit = self.comparing.limit
        alike = agreement.agreement(self.first.items[people], self.second.items[people])
        return {
            "people": len(people),
            "agreement": {
                **{f"overlap@{depth}": _mean(values) for depth, values in alike.overlap.items()},
                "rbo": _mean(alike.rbo),
                "kendall": _mean(alike.tau),
                "kendallPeople": int((~np.isnan(alike.tau)).sum()),
            },
            "a": nature(self.first, people, popularity, limit=limit, rng=rng),
            "b": nature(self.second, people, popularity, limit=limit, rng=rng),
        }

    def _after(self, rng: np.random.Generator) -> dict[str, Any]:
        found = self.afterwards
        if found is None:
            return {"reason": self.reason}
        organic = {EVERYBODY: found.organic.as_json(rng)}
        # By what people had done before: whoever has done something since is not cold any more.
        for name, mask in self._segments_by(self.history.before).items():
            organic[name] = found.organic.within(mask).as_json(rng, _OF_SEGMENTS)
        return {
            "run": found.run,
            "day": found.day,
            verdict.ORGANIC: organic,
            verdict.FROM_LISTS: {EVERYBODY: found.from_lists.as_json(rng)},
            verdict.ALL: {EVERYBODY: found.all.as_json(rng)},
        }


def _judged(compared: dict[str, Any], thresholds: Thresholds) -> dict[str, Any]:
    found = verdict.verdicts(compared, thresholds)
    everybody = compared["segments"][EVERYBODY]
    of_first, blocks = (
        verdict.faults(compared[letter], everybody[letter], thresholds) for letter in ("a", "b")
    )
    return {
        "verdicts": [one.as_json() for one in found],
        "blocks": [one.as_json() for one in blocks],
        "faultsOfA": [one.as_json() for one in of_first],
        "summary": verdict.summary((compared["a"], compared["b"]), found, blocks),
    }


def _source(listed: Listed) -> dict[str, str | None]:
    return {"shardsKey": listed.shards_key, "outputFolder": listed.output_folder}


def _costs(listed: Listed, people: int) -> dict[str, float | None]:
    cost = listed.cost_usd
    return {
        "trainSeconds": listed.train_seconds,
        "batchSeconds": listed.batch_seconds,
        "latencyP50Ms": listed.latency_p50_ms,
        "latencyP99Ms": listed.latency_p99_ms,
        "costPer1000": None if cost is None or not people else 1000 * cost / people,
    }


def _mean(values: NDArray[np.float64]) -> float | None:
    """Of those who have a value."""
    present = values[~np.isnan(values)]
    return float(present.mean()) if present.size else None
