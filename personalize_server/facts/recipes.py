"""The service's recipes (developer guide, recipes): what each is for and takes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from personalize_server.facts.domain_recipes import DOMAIN_RECIPES, EXPLORING, LEFT_OUT
from personalize_server.facts.recipe_descriptions import algorithm, created, feature_transformation, updated

TREND_SECONDS = {
    "30 minutes": 1800,
    "1 hour": 3600,
    "2 hours": 7200,
    "3 hours": 10_800,
    "1 day": 86_400,
}
"""of the trend_discovery_frequency"""
_PREFIX = "arn:aws:personalize:::"


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """`parameters` and `features`: default and, for numbers, bounds."""

    name: str
    type: str
    description: str
    domain: str | None = None
    parameters: Mapping[str, "Parameter"] = field(default_factory=dict)
    features: Mapping[str, "Parameter"] = field(default_factory=dict)
    events_config: bool = False
    hpo: bool = False
    update: bool = False
    objective: bool = False
    incremental: bool = False
    scores: bool = False
    reasons: bool = False
    """answers say why items that are not there for their score are in the list"""
    explores: bool = False
    """some of a list are new items, as much as the itemExplorationConfig says: those since the training"""
    explores_young: bool = False
    """and those of the training whose age is below the cut-off"""
    batch: bool = True
    like: str | None = None
    """of a domain's recipe: the one whose model it uses"""
    event_type: str | None = None
    """of a domain's recipe: the events it is about"""
    left_out: str | None = None
    """of a domain's recipe: items that the user has had such events with are not recommended"""
    difference: str | None = None
    """how this server's recipe is another than the service's, or why it has none"""

    @property
    def arn(self) -> str:
        return f"{_PREFIX}recipe/{self.name}"

    @property
    def model_arn(self) -> str:
        """Of the recipe that is trained."""
        return f"{_PREFIX}recipe/{self.like or self.name}"

    @property
    def algorithm_arn(self) -> str:
        return f"{_PREFIX}algorithm/{algorithm(self.name)}"

    @property
    def feature_arn(self) -> str:
        return f"{_PREFIX}feature-transformation/{feature_transformation(self.name)}"

    def described(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "recipeArn": self.arn,
            "algorithmArn": self.algorithm_arn,
            "featureTransformationArn": self.feature_arn,
            "status": "ACTIVE",
            "description": self.description,
            "recipeType": self.type,
            "domain": self.domain,
            "creationDateTime": created(self.name),
            "lastUpdatedDateTime": updated(self.name),
        }


@dataclass(frozen=True)
class Parameter:
    default: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    tunable: bool = False
    whole: bool = False

    def problem(self, value: str) -> str | None:
        if self.choices:
            known = value.lower() in self.choices
            return None if known else f"must be one of {', '.join(self.choices)}"
        try:
            number = float(value)
        except ValueError:
            return "must be a number"
        if self.whole and number % 1:
            return "must be a whole number"
        inside = (self.low is None or number >= self.low) and (self.high is None or number <= self.high)
        return None if inside else f"must be between {self.low} and {self.high}"


_YES_NO = ("true", "false")
_SEQUENCE = {
    "hidden_dimension": Parameter("149", 32, 256, tunable=True, whole=True),
    "bptt": Parameter("32", 2, 32, tunable=True, whole=True),
    "recency_mask": Parameter("true", choices=_YES_NO, tunable=True),
}
_HISTORY = {
    "min_user_history_length_percentile": Parameter("0.0", 0, 1),
    "max_user_history_length_percentile": Parameter("0.99", 0, 1),
}
_RECENCY = {"apply_recency_bias": Parameter("true", choices=_YES_NO)}
_EASE = (
    "A blend of EASE (a linear item-to-item model), next-item transitions, popularity and item metadata "
    "in place of the service's model."
)
_SEQUENCE_MEANT = (
    f"{_EASE} hidden_dimension is the rank of a PureSVD in the blend, "
    "bptt how many steps ahead transitions look; a part of the blend that validation finds of no use is left "
    "out."
)
_COLD_START = " Parameters that begin with cold_start are refused: the blend knows all new items."
_SEGMENTS = (
    "Weighted matrix factorisation, each item's factors drawn towards those of items like it by metadata, "
    "in place of the service's model."
)
_SOLD = "The model of {}."
_HIDDEN = {"hidden_dimension": Parameter("149", 32, 256, whole=True)}

_RECIPES = (
    Recipe(
        name="aws-user-personalization-v2",
        type="USER_PERSONALIZATION",
        description="Items a user is likely to interact with; the recommended recipe for personalization.",
        parameters=_RECENCY,
        events_config=True,
        scores=True,
        reasons=True,
        explores=True,
        difference=_EASE,
    ),
    Recipe(
        name="aws-user-personalization",
        type="USER_PERSONALIZATION",
        description="Items a user is likely to interact with, with exploration of new items.",
        parameters=_SEQUENCE,
        features=_HISTORY,
        hpo=True,
        update=True,
        objective=True,
        scores=True,
        explores=True,
        explores_young=True,
        difference=_SEQUENCE_MEANT,
    ),
    *(
        Recipe(
            name=name,
            type="USER_PERSONALIZATION",
            description="Legacy. Use aws-user-personalization-v2 for new solutions.",
            parameters=_SEQUENCE,
            features=_HISTORY,
            hpo=True,
            update=name == "aws-hrnn-coldstart",
            scores=True,
            difference=_SEQUENCE_MEANT + (_COLD_START if name == "aws-hrnn-coldstart" else ""),
        )
        for name in ("aws-hrnn", "aws-hrnn-metadata", "aws-hrnn-coldstart")
    ),
    Recipe(
        name="aws-popularity-count",
        type="USER_PERSONALIZATION",
        description="The most popular items, the same for every user; a baseline.",
    ),
    Recipe(
        name="aws-trending-now",
        type="POPULAR_ITEMS",
        description="Items whose popularity grows fastest.",
        features={"trend_discovery_frequency": Parameter("2 hours", choices=tuple(TREND_SECONDS))},
        batch=False,
        difference="Growth is counted in standard deviations; the spans of time end with the newest event.",
    ),
    Recipe(
        name="aws-personalized-ranking-v2",
        type="PERSONALIZED_RANKING",
        description="Given items in the order of a user's interest; the recommended recipe for ranking.",
        parameters=_RECENCY,
        events_config=True,
        scores=True,
        difference=_EASE,
    ),
    Recipe(
        name="aws-personalized-ranking",
        type="PERSONALIZED_RANKING",
        description="Given items in the order of a user's interest.",
        parameters=_SEQUENCE,
        features=_HISTORY,
        hpo=True,
        objective=True,
        scores=True,
        difference=_SEQUENCE_MEANT,
    ),
    Recipe(
        name="aws-similar-items",
        type="RELATED_ITEMS",
        description="Items like a given one, by interactions and metadata.",
        parameters={
            "popularity_discount_factor": Parameter("0.0", 0, 1),
            "item_id_hidden_dim": Parameter("100", 30, 200, tunable=True, whole=True),
            "item_metadata_hidden_dim": Parameter("100", 30, 200, tunable=True, whole=True),
        },
        hpo=True,
        difference="Item neighbours by common users, singular directions of the interactions "
        "(item_id_hidden_dim of them) and latent semantic analysis of the metadata "
        "(item_metadata_hidden_dim), in place of the service's model. "
        "The hidden dimensions may be given without a search, too.",
    ),
    Recipe(
        name="aws-sims",
        type="RELATED_ITEMS",
        description="Items that occur together with a given one in users' histories.",
        parameters={
            "popularity_discount_factor": Parameter("0.5", 0, 1, tunable=True),
            "min_cointeraction_count": Parameter("3", 0, 10, tunable=True, whole=True),
        },
        features={
            "min_user_history_length_percentile": Parameter("0.005", 0, 1),
            "max_user_history_length_percentile": Parameter("0.995", 0, 1),
            "min_item_interaction_count_percentile": Parameter("0.01", 0, 1),
            "max_item_interaction_count_percentile": Parameter("0.9", 0, 1),
        },
        hpo=True,
        difference="Item neighbours by a shrunk cosine of common users, which the popularity discount makes "
        "asymmetric.",
    ),
    Recipe(
        name="aws-semantic-similarity",
        type="RELATED_ITEMS",
        description="Items whose names and texts mean something alike.",
        incremental=True,
        difference="Latent semantic analysis of names and texts, in place of a language model's embeddings.",
    ),
    Recipe(
        name="aws-next-best-action",
        type="PERSONALIZED_ACTIONS",
        description="Actions a user is likely to take.",
        features={"action_optimization_period": Parameter("14", 7, 28)},
        batch=False,
        scores=True,
        explores=True,
        difference="A logistic regression per action on what users touched and on other actions, in place of "
        "the service's model. Explored are actions without a score, as many as explorationWeight says.",
    ),
    Recipe(
        name="aws-item-affinity",
        type="USER_SEGMENTATION",
        description="Users interested in a given item.",
        parameters=_HIDDEN,
        batch=False,
        difference=_SEGMENTS,
    ),
    Recipe(
        name="aws-item-attribute-affinity",
        type="USER_SEGMENTATION",
        description="Users interested in items with given attributes.",
        parameters=_HIDDEN,
        batch=False,
        difference=_SEGMENTS,
    ),
    *(
        Recipe(
            name=f"aws-{name}",
            type=kind,
            description=text,
            domain="ECOMMERCE" if name.startswith("ecomm-") else "VIDEO_ON_DEMAND",
            batch=False,
            like=like,
            event_type=event_type,
            left_out=LEFT_OUT.get(name),
            explores=name in EXPLORING,
            difference=_SOLD.format(like),
        )
        for name, kind, like, event_type, text in DOMAIN_RECIPES
    ),
)

RECIPES: Mapping[str, Recipe] = MappingProxyType({recipe.arn: recipe for recipe in _RECIPES})
