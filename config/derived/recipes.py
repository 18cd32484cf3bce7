"""Amazon Personalize's recipes: what each is for and which parameters it takes.

Source: the recipe pages of the Amazon Personalize developer guide, November 2026.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from config.types.use_case import UseCase
from config.types.variants import HyperParameter, Own, Personalize, Variant


class Purpose(StrEnum):
    ITEMS_FOR_USERS = "items for users"
    POPULAR_ITEMS = "popular items"
    RANKING = "ranking of given items"
    RELATED_ITEMS = "items related to an item"
    ACTIONS = "actions for users"
    SEGMENTS = "segments of users"


class Group(StrEnum):
    """Which of the solution's maps a parameter belongs to."""

    ALGORITHM = "algorithmHyperParameters"
    FEATURES = "featureTransformationParameters"


@dataclass(frozen=True, kw_only=True)
class Parameter:
    kind: type[int] | type[float] | type[bool] | type[str]
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    group: Group = Group.ALGORITHM


@dataclass(frozen=True, kw_only=True)
class Recipe:
    name: str
    purpose: Purpose
    batch: bool = True
    legacy: bool = False
    weighs_events: bool = False
    parameters: Mapping[str, Parameter]


_RECURRENT = {
    "hidden_dimension": Parameter(kind=int, low=32, high=256),
    "bptt": Parameter(kind=int, low=2, high=32),
    "recency_mask": Parameter(kind=bool),
    "min_user_history_length_percentile": Parameter(kind=float, low=0, high=1, group=Group.FEATURES),
    "max_user_history_length_percentile": Parameter(kind=float, low=0, high=1, group=Group.FEATURES),
}
_RECENCY = {"apply_recency_bias": Parameter(kind=bool)}

_ALL = (
    Recipe(
        name="aws-user-personalization-v2",
        purpose=Purpose.ITEMS_FOR_USERS,
        weighs_events=True,
        parameters=_RECENCY,
    ),
    Recipe(name="aws-user-personalization", purpose=Purpose.ITEMS_FOR_USERS, parameters=_RECURRENT),
    Recipe(name="aws-popularity-count", purpose=Purpose.ITEMS_FOR_USERS, parameters={}),
    Recipe(name="aws-hrnn", purpose=Purpose.ITEMS_FOR_USERS, legacy=True, parameters={}),
    Recipe(name="aws-hrnn-metadata", purpose=Purpose.ITEMS_FOR_USERS, legacy=True, parameters={}),
    Recipe(name="aws-hrnn-coldstart", purpose=Purpose.ITEMS_FOR_USERS, legacy=True, parameters={}),
    Recipe(name="aws-trending-now", purpose=Purpose.POPULAR_ITEMS, batch=False, parameters={}),
    Recipe(
        name="aws-personalized-ranking-v2", purpose=Purpose.RANKING, weighs_events=True, parameters=_RECENCY
    ),
    Recipe(name="aws-personalized-ranking", purpose=Purpose.RANKING, parameters=_RECURRENT),
    Recipe(name="aws-similar-items", purpose=Purpose.RELATED_ITEMS, parameters={}),
    Recipe(name="aws-sims", purpose=Purpose.RELATED_ITEMS, parameters={}),
    Recipe(name="aws-semantic-similarity", purpose=Purpose.RELATED_ITEMS, parameters={}),
    Recipe(name="aws-next-best-action", purpose=Purpose.ACTIONS, batch=False, parameters={}),
    Recipe(name="aws-item-affinity", purpose=Purpose.SEGMENTS, batch=False, parameters={}),
    Recipe(name="aws-item-attribute-affinity", purpose=Purpose.SEGMENTS, batch=False, parameters={}),
)

RECIPES: Mapping[str, Recipe] = {recipe.name: recipe for recipe in _ALL}

METRICS = (
    "coverage",
    "mean_reciprocal_rank_at_25",
    "normalized_discounted_cumulative_gain_at_5",
    "normalized_discounted_cumulative_gain_at_10",
    "normalized_discounted_cumulative_gain_at_25",
    "precision_at_5",
    "precision_at_10",
    "precision_at_25",
)
"""What GetSolutionMetrics answers for every recipe that recommends items for users; all from 0 to 1."""


def recommends_for_items(use_case: UseCase) -> bool:
    """Lists belong to items then, not to users: those of all variants, of which the first is asked."""
    return bool(use_case.variants) and lists_for_items(use_case.variants[0]) is True


def lists_for_items(variant: Variant) -> bool | None:
    """None: of a recipe that is not known."""
    if isinstance(variant, Personalize):
        recipe = RECIPES.get(variant.recipe)
        return recipe.purpose is Purpose.RELATED_ITEMS if recipe else None
    return isinstance(variant, Own) and variant.lists_for_items


def recipe_arn(recipe: str) -> str:
    """Recipes belong to the service: no region and no account."""
    return f"arn:aws:personalize:::recipe/{recipe}"


def parameters_of(recipe: str, hyper_parameters: Mapping[str, HyperParameter]) -> dict[Group, dict[str, str]]:
    """The solution's maps; Personalize takes every value as text."""
    known = RECIPES[recipe].parameters if recipe in RECIPES else {}
    groups: dict[Group, dict[str, str]] = {group: {} for group in Group}
    for name, value in sorted(hyper_parameters.items()):
        group = known[name].group if name in known else Group.ALGORITHM
        groups[group][name] = str(value).lower() if isinstance(value, bool) else str(value)
    return groups
