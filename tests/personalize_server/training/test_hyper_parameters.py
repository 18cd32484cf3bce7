"""Every hyper-parameter of every recipe changes what is trained; a list names those that do not."""

import json
import random
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.ground.threads import one_blas_thread
from engine.serving import artifacts
from personalize_server.data.avro_schema import parse_schema
from personalize_server.data.csv_import import import_files
from personalize_server.facts.quotas import Quotas
from personalize_server.facts.recipes import RECIPES, Parameter, Recipe
from personalize_server.training.inputs import Dataset, Inputs
from personalize_server.training.run import TRAINERS, train
from tests.personalize_server.support.actions import action_interactions, action_schema
from tests.personalize_server.support.journey import schema_text

WITHOUT_EFFECT: frozenset[tuple[str, str]] = frozenset()
"""recipe and hyper-parameter; each must be told of in the recipe's difference"""
OTHER: Mapping[str, str] = {
    "hidden_dimension": "32",
    "bptt": "2",
    "recency_mask": "false",
    "apply_recency_bias": "false",
    "min_user_history_length_percentile": "0.3",
    "max_user_history_length_percentile": "0.6",
    "min_item_interaction_count_percentile": "0.4",
    "max_item_interaction_count_percentile": "0.6",
    "popularity_discount_factor": "0.7",
    "min_cointeraction_count": "9",
    "item_id_hidden_dim": "30",
    "item_metadata_hidden_dim": "30",
    "trend_discovery_frequency": "1 day",
    "action_optimization_period": "7",
}
"""values that are not the default"""
SAME = dict.fromkeys(("aws-hrnn-metadata", "aws-hrnn-coldstart"), "aws-user-personalization")
BY_NAME = {recipe.name: recipe for recipe in RECIPES.values()}
CASES = [
    (recipe, name)
    for recipe in RECIPES.values()
    if recipe.domain is None and recipe.name not in SAME
    for name in (*recipe.parameters, *recipe.features)
]


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Dataset]:
    folder = tmp_path_factory.mktemp("hyper-parameters")
    contents = {
        "INTERACTIONS": (_interactions(), schema_text("Interactions")),
        "ITEMS": (_items(), schema_text("Items")),
        "ACTIONS": ("ACTION_ID,TYPE\nlow,club\nhigh,club\nany,club\n", ACTIONS_SCHEMA),
        "ACTION_INTERACTIONS": (_actions(), action_schema("Action_Interactions")),
    }
    made = {}
    for type_, (body, schema) in contents.items():
        fields = parse_schema(schema)
        import_files([(type_, [body.encode()])], fields, folder / type_, now=1.8e9, least_rows=1)
        made[type_] = Dataset([folder / type_], fields)
    return made


def _interactions() -> str:
    """Histories of many lengths, items of many popularities; tastes of a dozen kinds, some one after another,
    some in no order.
    """
    rng = random.Random(5)
    lines = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE"]
    for user in range(500):
        at = 1_700_000_000 + rng.randrange(40 * 86_400)
        item, tastes = rng.randrange(120), rng.sample(range(12), 2)
        for _ in range(3 + user % 23):
            if rng.random() < 0.4:
                item = (item + rng.choice([1, 2, 12, 24, 36])) % 120
            else:
                item = 12 * rng.randrange(10) + rng.choice(tastes)
            item = item if rng.random() < 0.7 else rng.randrange(1 + item)
            at += rng.randrange(4 * 3600)
            lines.append(f"u{user},i{item},{at},view,1")
    return "\n".join(lines) + "\n"


def _items() -> str:
    rows = [f"i{n},kind{n % 12}|maker{n % 43}|place{n % 29},{n % 17}.5," for n in range(120)]
    return "\n".join(["ITEM_ID,GENRES,PRICE,TITLE", *rows]) + "\n"


def _actions() -> str:
    """Some put off what they take by more than a week."""
    head, *rows = action_interactions().splitlines()
    late = []
    for at, row in enumerate(rows):
        user, action, kind, time = row.split(",")
        late.append(f"{user},{action},{kind},{int(time) + (9 * 86_400 if kind == 'TAKEN' and at % 3 else 0)}")
    return "\n".join([head, *late]) + "\n"


ACTIONS_SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "Actions",
        "namespace": "n",
        "fields": [
            {"name": "ACTION_ID", "type": "string"},
            {"name": "TYPE", "type": "string", "categorical": True},
        ],
        "version": "1.0",
    }
)


def _value(parameter: Parameter, name: str) -> str:
    value = OTHER[name]
    assert value != parameter.default and parameter.problem(value) is None
    return value


class Trainer:
    """Trained models as bytes; those by defaults once."""

    def __init__(self, datasets: Mapping[str, Dataset], folder: Path) -> None:
        self._datasets = datasets
        self._file = folder / "model"
        self._defaults: dict[str, bytes] = {}

    def by_default(self, recipe: Recipe) -> bytes:
        if recipe.arn not in self._defaults:
            self._defaults[recipe.arn] = self.with_values(recipe, {})
        return self._defaults[recipe.arn]

    def with_values(self, recipe: Recipe, given: Mapping[str, str]) -> bytes:
        config = {
            "algorithmHyperParameters": {k: v for k, v in given.items() if k in recipe.parameters},
            "featureTransformationParameters": {k: v for k, v in given.items() if k in recipe.features},
        }
        solution = {"recipeArn": recipe.arn, "solutionConfig": config}
        with one_blas_thread():  # a second one would only spin
            trained = train(Inputs(datasets=self._datasets, solution=solution, quotas=Quotas()))
        artifacts.save(trained.model, self._file)
        return self._file.read_bytes()


@pytest.fixture(scope="module")
def trainer(datasets: Mapping[str, Dataset], tmp_path_factory: pytest.TempPathFactory) -> Trainer:
    return Trainer(datasets, tmp_path_factory.mktemp("models"))


@pytest.mark.parametrize(("recipe", "name"), CASES, ids=lambda value: getattr(value, "name", value))
def test_a_hyper_parameter_changes_the_trained_model(recipe: Recipe, name: str, trainer: Trainer) -> None:
    known = {**recipe.parameters, **recipe.features}
    changed = trainer.with_values(recipe, {name: _value(known[name], name)})
    same = changed == trainer.by_default(recipe)
    assert same == ((recipe.name, name) in WITHOUT_EFFECT)


def test_the_same_hyper_parameters_train_the_same_model(trainer: Trainer) -> None:
    """So that it is their change that changes it."""
    for recipe in {TRAINERS[recipe.name]: recipe for recipe, _ in CASES}.values():
        values = {name: parameter.default for name, parameter in recipe.parameters.items()}
        assert trainer.with_values(recipe, values) == trainer.by_default(recipe), recipe.name


@pytest.mark.parametrize("name", sorted(SAME))
def test_legacy_recipes_train_the_models_of_their_successor(name: str, trainer: Trainer) -> None:
    """Which stands for them above."""
    assert trainer.by_default(BY_NAME[name]) == trainer.by_default(BY_NAME[SAME[name]])
    for known in ("parameters", "features"):
        assert getattr(BY_NAME[name], known) == getattr(BY_NAME[SAME[name]], known)


def test_what_has_no_effect_is_told_of() -> None:
    for recipe, name in WITHOUT_EFFECT:
        assert name in (BY_NAME[recipe].difference or ""), (recipe, name)
