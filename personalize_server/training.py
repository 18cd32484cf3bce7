"""Recipes as configurations of the engine: which model, on which interactions, and how good it is."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.errors import DataError, EngineError
from engine.evaluation.personalize import offline_metrics
from engine.interactions import Interactions
from engine.model import Model
from engine.models import ease, hybrid, item_neighbours, popularity, transitions
from personalize_server.failures import JobFailed
from personalize_server.interaction_table import InteractionTable, used_rows
from personalize_server.quotas import Quotas

Fit = Callable[[Interactions], Model]
METRICS = (
    "coverage",
    "mean_reciprocal_rank_at_25",
    *(f"normalized_discounted_cumulative_gain_at_{k}" for k in (5, 10, 25)),
    *(f"precision_at_{k}" for k in (5, 10, 25)),
)
_SEED = 20260101
_LEAST_SHARE = 0.01


@dataclass(frozen=True)
class Trained:
    model: Model
    metrics: dict[str, float]
    hours: float


def train(table: InteractionTable, solution: Mapping[str, Any], quotas: Quotas) -> Trained:
    """`solution` has recipeArn, eventType and solutionConfig as DescribeSolutionVersion shows them."""
    started = time.monotonic()
    fit = fit_of(solution)
    interactions = training_data(table, solution, quotas)
    try:
        metrics = _metrics(interactions, fit)
        model = fit(interactions)
    except EngineError as problem:
        raise JobFailed(f"Create failed. {problem}") from None
    return Trained(model, metrics, (time.monotonic() - started) / 3600)


def _metrics(interactions: Interactions, fit: Fit) -> dict[str, float]:
    """Of tiny data a split may leave nothing to test on; then nothing is hit and all metrics are 0."""
    for seed in range(_SEED, _SEED + 3):
        try:
            return offline_metrics(interactions, fit, seed=seed)
        except DataError:
            continue
    return dict.fromkeys(METRICS, 0.0)


def training_data(table: InteractionTable, solution: Mapping[str, Any], quotas: Quotas) -> Interactions:
    """The interactions that count, refused where they are too few."""
    mask, weights = used_rows(table, solution)
    interactions = table.interactions(mask, weights)
    if len(interactions) < quotas.training_interactions:
        raise JobFailed(
            f"Create failed. Dataset has fewer than {quotas.training_interactions} interactions"
            f"{_after_filtering(solution)}"
        )
    per_user = np.bincount(interactions.users)
    enough = int((per_user >= 2).sum())
    if enough < quotas.training_users:
        raise JobFailed(
            f"Create failed. Dataset has fewer than {quotas.training_users} users "
            "with at least 2 interactions each."
        )
    if enough < _LEAST_SHARE * len(per_user):
        raise JobFailed(
            "Create failed. Dataset has fewer than 1% of users with at least 2 interactions each."
        )
    return interactions


def fit_of(solution: Mapping[str, Any]) -> Fit:
    """How a recipe trains; raises where the engine has nothing for it."""
    recipe = str(solution["recipeArn"]).rpartition("/")[2]
    parameters = solution.get("solutionConfig", {}).get("algorithmHyperParameters", {})
    match recipe:
        case "aws-user-personalization-v2":
            return _personal(parameters.get("apply_recency_bias", "true"))
        case "aws-user-personalization" | "aws-hrnn" | "aws-hrnn-metadata" | "aws-hrnn-coldstart":
            return _personal(parameters.get("recency_mask", "true"))
        case "aws-popularity-count":
            return lambda interactions: popularity.fit(interactions, popularity.PopularityConfig())
        case "aws-personalized-ranking-v2":
            return _personal(parameters.get("apply_recency_bias", "true"))
        case "aws-personalized-ranking":
            return _personal(parameters.get("recency_mask", "true"))
        case "aws-similar-items":
            return _neighbours(parameters.get("popularity_discount_factor", "0.0"))
        case "aws-sims":
            return _neighbours(parameters.get("popularity_discount_factor", "0.5"))
        case _:
            raise JobFailed(f"Create failed. This server has no model for the recipe {recipe} yet.")


def _personal(recency: str) -> Fit:
    """EASE blended with next-item transitions and popularity; how fast a history fades is learned, too.

    Without recency all events of a history count alike, and what came last says nothing of what is next.
    """
    if recency.lower() == "true":
        members = (ease.EaseConfig(), transitions.TransitionsConfig(), popularity.PopularityConfig())
        blend = hybrid.HybridConfig(members=members)
        return lambda interactions: hybrid.fit(interactions, blend)
    config = ease.EaseConfig(recency=None)
    return lambda interactions: ease.fit(interactions, config)


def _neighbours(popularity_discount: str) -> Fit:
    """0: items count by how often they occur together; 0.5: by the cosine; 1: against their popularity."""
    config = item_neighbours.ItemNeighboursConfig(asymmetry=1 - float(popularity_discount))
    return lambda interactions: item_neighbours.fit(interactions, config)


def _after_filtering(solution: Mapping[str, Any]) -> str:
    chosen = solution.get("solutionConfig", {}).get("eventsConfig", {}).get("eventParametersList", [])
    names = [entry["eventType"] for entry in chosen if "eventType" in entry]
    if not chosen and solution.get("eventType"):
        names = [solution["eventType"]]
    return f" after filtering by event type: {', '.join(names)}" if names else "."
