"""What is to be compared: whose lists, where they lie, and from which figures on a difference counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A variant and its batch output.

    shards_key: of the list of shards, a `Shard` each. output_folder: where the output lies under the shards'
    own names, ending in a slash; None: where the shards say. metrics: offline, as the variant was judged.
    latency_p50_ms, latency_p99_ms: of an answer in real time. cost_usd: of this training and batch.
    Whatever is None was not measured.
    """

    variant: str
    shards_key: str
    output_folder: str | None = None
    train_seconds: float | None = None
    batch_seconds: float | None = None
    latency_p50_ms: float | None = None
    latency_p99_ms: float | None = None
    cost_usd: float | None = None
    metrics: dict[str, float] | None = None


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From where on a difference counts, and what blocks a ramp; shares are 0 to 1.

    significance: p-values below it count, and from `least_people` people on. relative_change: of a figure,
    share_change: of a share of people, that count as better or worse. short_share, empty_share, leaked_share:
    of people, above which the second variant must not be ramped; least_personalisation: below which.
    light_from, heavy_from: interactions; fewer than `light_from` make a person new, none at all cold.
    """

    significance: float
    least_people: int
    relative_change: float
    share_change: float
    short_share: float
    empty_share: float
    leaked_share: float
    least_personalisation: float
    light_from: int
    heavy_from: int


@dataclass(frozen=True, kw_only=True)
class Comparing:
    """limit: items of a list that are stored. variants: the first is the default, and is compared with each
    other one. datasets: as extract_dataset answers them.
    """

    use_case: str
    run: str
    limit: int
    variants: tuple[Listed, ...]
    datasets: tuple[dict[str, Any], ...]
    thresholds: Thresholds
