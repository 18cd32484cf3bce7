"""The interactions that count for a solution, refused where they are too few."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.data.interactions import Interactions
from engine.ground.arrays import Codes, Mask
from personalize_server.data.interaction_table import used_rows
from personalize_server.training.inputs import Inputs, need

_LEAST_SHARE = 0.01


def training_events(inputs: Inputs) -> Interactions:
    """After filtering by event type, and by the recipe's percentiles where it has them."""
    return training_rows(inputs)[0]


def training_rows(inputs: Inputs) -> tuple[Interactions, Mask]:
    """The same, and which rows of the table they are."""
    mask, weights = used_rows(inputs.table, inputs.solution)
    events = inputs.table.interactions(mask, weights)
    quotas = inputs.quotas
    need(
        len(events) >= quotas.training_interactions,
        f"Dataset has fewer than {quotas.training_interactions} interactions"
        f"{_after_filtering(inputs.solution)}",
    )
    per_user = np.bincount(events.users)
    enough = int((per_user >= 2).sum())
    need(
        enough >= quotas.training_users,
        f"Dataset has fewer than {quotas.training_users} users with at least 2 interactions each.",
    )
    need(
        enough >= _LEAST_SHARE * len(per_user),
        "Dataset has fewer than 1% of users with at least 2 interactions each.",
    )
    events, kept = _without_extremes(inputs, events)
    mask[mask] = kept
    return events, mask


def weighted_types(solution: Mapping[str, Any]) -> bool:
    """Do events of different types count differently?"""
    chosen = solution.get("solutionConfig", {}).get("eventsConfig", {}).get("eventParametersList", [])
    return any("weight" in entry for entry in chosen)


def _without_extremes(inputs: Inputs, events: Interactions) -> tuple[Interactions, Mask]:
    rows = np.arange(len(events))
    whole = np.zeros(len(events), np.bool_)
    for column, low, high in (
        ("users", "min_user_history_length_percentile", "max_user_history_length_percentile"),
        ("items", "min_item_interaction_count_percentile", "max_item_interaction_count_percentile"),
    ):
        if low in inputs.recipe.features:
            codes: Codes = getattr(events, column)
            counts = np.bincount(codes)
            bounds = np.quantile(
                counts[counts > 0], [float(inputs.feature(low)), float(inputs.feature(high))]
            )
            kept = (counts >= bounds[0]) & (counts <= bounds[1])
            events, rows = events.where(kept[codes]), rows[kept[codes]]
    whole[rows] = True
    users, user_codes = np.unique(events.users, return_inverse=True)
    items, item_codes = np.unique(events.items, return_inverse=True)
    known = Interactions(
        events.user_ids[users],
        events.item_ids[items],
        user_codes.astype(np.int32),
        item_codes.astype(np.int32),
        events.times,
        events.weights,
    )
    return known, whole


def _after_filtering(solution: Mapping[str, Any]) -> str:
    chosen = solution.get("solutionConfig", {}).get("eventsConfig", {}).get("eventParametersList", [])
    names = [entry["eventType"] for entry in chosen if "eventType" in entry]
    if not chosen and solution.get("eventType"):
        names = [solution["eventType"]]
    return f" after filtering by event type: {', '.join(names)}" if names else "."
