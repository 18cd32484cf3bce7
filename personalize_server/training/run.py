"""Which recipe is trained how."""

import logging
from collections.abc import Callable, Mapping

from engine.ground.errors import EngineError
from personalize_server.facts.failures import JobFailed
from personalize_server.training import personal
from personalize_server.training.actions import train_actions
from personalize_server.training.inputs import Inputs
from personalize_server.training.popular import train_popularity, train_trending
from personalize_server.training.related import train_neighbours, train_semantic
from personalize_server.training.segments import train_segments
from personalize_server.training.trained import Trained

_PERSONAL = (
    *("aws-user-personalization-v2", "aws-user-personalization"),
    *("aws-hrnn", "aws-hrnn-metadata", "aws-hrnn-coldstart"),
    *("aws-personalized-ranking-v2", "aws-personalized-ranking"),
)
TRAINERS: Mapping[str, Callable[[Inputs], Trained]] = {
    **dict.fromkeys(_PERSONAL, personal.train),
    "aws-popularity-count": train_popularity,
    "aws-trending-now": train_trending,
    "aws-similar-items": train_neighbours,
    "aws-sims": train_neighbours,
    "aws-semantic-similarity": train_semantic,
    "aws-item-affinity": train_segments,
    "aws-item-attribute-affinity": train_segments,
    "aws-next-best-action": train_actions,
}
"""by the recipe's name"""
_log = logging.getLogger(__name__)


def train(inputs: Inputs) -> Trained:
    """What the recipe makes of the data. Raises: JobFailed, if the engine cannot train on it."""
    name = inputs.recipe.name
    _log.info("training", extra={"recipe": name, "events": len(inputs.table)})
    try:
        trained = TRAINERS[name](inputs)
    except EngineError as problem:
        raise JobFailed(f"Create failed. {problem}") from None
    sizes = {"users": len(trained.model.user_ids), "items": len(trained.model.item_ids)}
    _log.info("trained", extra={"recipe": name, **sizes})
    return trained
