"""Keys of GetSolutionMetrics for recommendations of items (developer guide, "Evaluating a solution")."""

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
