"""Recipes, and the algorithms and feature transformations behind them."""

from collections.abc import Callable
from typing import Any

from personalize_server.facts.errors import ResourceNotFound
from personalize_server.facts.recipe_descriptions import NOT_LISTED, PAGE
from personalize_server.facts.recipes import RECIPES, Recipe
from personalize_server.operations.paging import page
from personalize_server.state.context import Answer, Context, Request


def list_recipes(context: Context, request: Request) -> Answer:
    """By name; a page is counted before those of other domains are left out, and may so be empty."""
    recipes = sorted(
        (recipe for recipe in RECIPES.values() if recipe.name not in NOT_LISTED),
        key=lambda recipe: recipe.name,
    )
    sized = {"maxResults": PAGE, **request}
    shown, token = page("Recipe", list(enumerate(recipes)), sized, position=lambda entry: entry[0])
    wanted = [recipe for _, recipe in shown if request.get("domain") in (None, recipe.domain)]
    return {"recipes": [recipe.described() for recipe in wanted], "nextToken": token}


def describe_recipe(context: Context, request: Request) -> Answer:
    return {"recipe": _recipe(request["recipeArn"], lambda recipe: recipe.arn).described()}


def describe_algorithm(context: Context, request: Request) -> Answer:
    recipe = _recipe(request["algorithmArn"], lambda recipe: recipe.algorithm_arn)
    described = recipe.described()
    return {
        "algorithm": {
            **described,
            "name": recipe.algorithm_arn.rpartition("/")[2],
            "defaultHyperParameters": {name: value.default for name, value in recipe.parameters.items()},
            "defaultHyperParameterRanges": _default_ranges(recipe),
        }
    }


def _default_ranges(recipe: Recipe) -> dict[str, list[dict[str, Any]]]:
    integer, continuous, categorical = [], [], []
    for name, parameter in recipe.parameters.items():
        about = {"name": name, "isTunable": parameter.tunable}
        if parameter.choices:
            categorical.append({**about, "values": list(parameter.choices)})
        elif parameter.whole:
            integer.append(
                {**about, "minValue": int(parameter.low or 0), "maxValue": int(parameter.high or 0)}
            )
        else:
            continuous.append({**about, "minValue": parameter.low, "maxValue": parameter.high})
    return {
        "integerHyperParameterRanges": integer,
        "continuousHyperParameterRanges": continuous,
        "categoricalHyperParameterRanges": categorical,
    }


def describe_feature_transformation(context: Context, request: Request) -> Answer:
    """Of the recipe that sets most of it, where several share it."""
    arn = request["featureTransformationArn"]
    _recipe(arn, lambda recipe: recipe.feature_arn)
    sharing = [recipe for recipe in RECIPES.values() if recipe.feature_arn == arn]
    recipe = max(sharing, key=lambda recipe: len(recipe.features))
    defaults = {name: parameter.default for name, parameter in recipe.features.items()}
    own = {"name": arn.rpartition("/")[2], "defaultParameters": defaults}
    return {"featureTransformation": {**recipe.described(), **own}}


def _recipe(arn: str, key: Callable[[Recipe], str]) -> Recipe:
    for recipe in RECIPES.values():
        if key(recipe) == arn:
            return recipe
    raise ResourceNotFound(f"Resource Arn {arn} does not exist.")
