"""What the service says of its recipes: which it lists, since when there are, the ARNs behind them.

Dates and pages are those of saved outputs in github.com/aws-samples/amazon-personalize-samples:
personalize_aws_similar_items_example.ipynb (December 2022) and
01_Recommender-Agent_Configure-Personalize-Resources.ipynb (2024); ARNs those of the developer guide.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

PAGE = 12
"""so many recipes are on a page that is not asked for by size, those of other domains among them"""
NOT_LISTED = frozenset({"aws-hrnn", "aws-hrnn-coldstart", "aws-hrnn-metadata"})
"""last seen in an output of 2021; they are described all the same"""
_UPDATED = datetime(2024, 6, 19, 16, 47, 19, 191_000, tzinfo=UTC)
"""of all recipes that were listed in 2024"""
_FIRST = datetime(2019, 6, 10, tzinfo=UTC)
_LATER: Mapping[str, datetime] = {
    "aws-item-affinity": datetime(2021, 7, 15, tzinfo=UTC),
    "aws-item-attribute-affinity": datetime(2021, 8, 25, tzinfo=UTC),
    "aws-next-best-action": datetime(2023, 8, 11, tzinfo=UTC),
    "aws-personalized-ranking-v2": datetime(2024, 1, 1, tzinfo=UTC),
    # In no output; taken to be as old as the recipe that came with it, and as its announcement:
    "aws-user-personalization-v2": datetime(2024, 1, 1, tzinfo=UTC),
    "aws-semantic-similarity": datetime(2025, 11, 30, tzinfo=UTC),
}
_ALGORITHMS: Mapping[str, str] = {"aws-trending-now": "aws-trending-now-custom"}
_PERCENTILES = "JSON-percentile-filtering"
_FEATURES: Mapping[str, str] = {
    "aws-hrnn": _PERCENTILES,
    "aws-hrnn-coldstart": "featurize_coldstart",
    "aws-hrnn-metadata": "featurize_metadata",
    "aws-personalized-ranking": _PERCENTILES,
    "aws-popularity-count": "sims",
}


def created(recipe: str) -> float:
    """When the recipe was made; epoch seconds."""
    return _LATER.get(recipe, _FIRST).timestamp()


def updated(recipe: str) -> float:
    """When it was last changed; epoch seconds."""
    return max(_UPDATED.timestamp(), created(recipe))


def algorithm(recipe: str) -> str:
    """What its algorithm is called."""
    return _ALGORITHMS.get(recipe, recipe)


def feature_transformation(recipe: str) -> str:
    """What its feature transformation is called, which recipes may share."""
    return _FEATURES.get(recipe, recipe.removeprefix("aws-"))
