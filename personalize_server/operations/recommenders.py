"""Recommenders of domain dataset groups: created with a model at once, stopped and started."""

from collections.abc import Mapping
from typing import Any

from personalize_server.facts.errors import InvalidInput, ResourceInUse
from personalize_server.facts.recipes import RECIPES
from personalize_server.operations.creating import Draft, Parents, create
from personalize_server.operations.datasets import group_fields
from personalize_server.operations.inference import check_exploration
from personalize_server.operations.retraining import begin_training, stop_trainings
from personalize_server.operations.solution_checks import check_columns
from personalize_server.state.context import Answer, Context, Request
from personalize_server.state.store import Record
from personalize_server.state.updates import begin_update, effective_body, is_updating, made_to_fail


def create_recommender(context: Context, request: Request) -> Answer:
    """Trains and serves a recipe of a domain. Raises: InvalidInput, if the recipe is of none."""
    recipe = RECIPES.get(request["recipeArn"])
    if recipe is None:
        raise InvalidInput(f"There is no recipe {request['recipeArn']}.")
    if recipe.domain is None:
        raise InvalidInput(f"The recipe {recipe.name} is for solutions, not for recommenders.")

    check_exploration(request.get("recommenderConfig", {}))

    def prepare(context: Context, request: Request, parents: Parents) -> Draft:
        domain = parents["DatasetGroup"].body.get("domain")
        if domain != recipe.domain:
            raise InvalidInput(
                f"The recipe {recipe.name} is for the domain {recipe.domain}; "
                f"that of the dataset group is {domain}."
            )
        columns = request.get("recommenderConfig", {}).get("trainingDataConfig", {})
        check_columns(columns, group_fields(context, parents["DatasetGroup"]))
        return Draft()

    return create(context, "Recommender", request, prepare)


def update_recommender(context: Context, request: Request) -> Answer:
    """Settings that are not given stay; other columns to train on take effect with a model of their own.

    Raises: ResourceInUse, during another update.
    """
    recommender = _in_state(context, request["recommenderArn"], "ACTIVE")
    if is_updating(context, recommender):
        raise ResourceInUse(f"Resource Arn {recommender.arn} is being updated.")
    before = effective_body(context, recommender).get("recommenderConfig", {})
    config = {**before, **request["recommenderConfig"]}
    check_exploration(config)
    group = context.find("DatasetGroup", recommender.links["datasetGroupArn"])
    check_columns(config.get("trainingDataConfig", {}), group_fields(context, group))
    training = None
    if _columns(config) != _columns(before) and not made_to_fail(context, recommender):
        training = begin_training(context, recommender, config)
    changes = {"recommenderConfig": config}
    begin_update(context, recommender, body=changes, shown=changes, training=training)
    return {"recommenderArn": recommender.arn}


def stop_recommender(context: Context, request: Request) -> Answer:
    return _turned(context, _in_state(context, request["recommenderArn"], "ACTIVE"), "stop")


def start_recommender(context: Context, request: Request) -> Answer:
    return _turned(context, _in_state(context, request["recommenderArn"], "INACTIVE"), "start")


def _turned(context: Context, recommender: Record, phase: str) -> Answer:
    if is_updating(context, recommender):
        raise ResourceInUse(f"Resource Arn {recommender.arn} is being updated.")
    if phase == "stop":
        stop_trainings(context, recommender)
    context.store.update(recommender.changed(context.now, phase=phase, phase_since=context.now))
    return {"recommenderArn": recommender.arn}


def _columns(config: Mapping[str, Any]) -> dict[str, dict[str, list[str]]]:
    """Of a recommenderConfig, in an order that does not matter."""
    chosen = config.get("trainingDataConfig", {})
    return {
        kind: {type_.upper(): sorted(set(names)) for type_, names in columns.items() if names}
        for kind, columns in chosen.items()
        if columns
    }


def _in_state(context: Context, arn: str, wanted: str) -> Record:
    recommender = context.find("Recommender", arn)
    status = context.status(recommender)
    if status != wanted:
        raise ResourceInUse(f"Resource Arn {arn} is not {wanted}, it is {status}.")
    return recommender
