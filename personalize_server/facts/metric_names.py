"""Keys of GetSolutionMetrics (developer guide, "Evaluating a solution"; of segments: saved outputs)."""

from collections.abc import Mapping

METRICS = (
    "coverage",
    "mean_reciprocal_rank_at_25",
    *(f"normalized_discounted_cumulative_gain_at_{k}" for k in (5, 10, 25)),
    *(f"precision_at_{k}" for k in (5, 10, 25)),
)
WEIGHTED = "normalized_discounted_cumulative_gain_with_event_weights_at_{}"
"""with event weights, at 5, 10 and 25"""
REWARDS = "average_rewards_at_k"
"""with an optimization objective"""
COVERAGE = "coverage"
HITS, RECALL = "hits_at_1_percent", "recall_at_1_percent"
"""of user segments"""
_DIGITS = 4


def shown(metrics: Mapping[str, float]) -> dict[str, float]:
    """As the service answers them: in the order of their names, of four digits after the point."""
    return {name: round(metrics[name], _DIGITS) for name in sorted(metrics)}
