"""Recommenders are trained again: every seven days, and when other columns are to be trained on.

Amazon Personalize developer guide, "Updating a recommender" and "Stopping a recommender": the old model
answers meanwhile; one that is stopped is not trained, and one that is started has its old rhythm again.
"""

import logging
from collections.abc import Mapping
from typing import Any

from personalize_server.facts.errors import ApiError
from personalize_server.operations.creating import Draft, Parents, create
from personalize_server.state.context import Context, Request
from personalize_server.state.recommender_models import TRAINING, current_model, trainings_of
from personalize_server.state.store import Record
from personalize_server.state.updates import effective_body

_DAY = 86_400.0
_INTERVAL = 7 * _DAY
_AFTER_FAILURE = _DAY
"""the service does not document when it tries again"""
_log = logging.getLogger(__name__)


def retrain_what_is_due(context: Context) -> list[str]:
    """Starts the trainings that are due in all accounts and regions; the recommenders' ARNs."""
    started = []
    for recommender in context.store.everything("Recommender"):
        own = context.of(recommender.account, recommender.region)
        _retire(own, recommender)
        if own.active(recommender) and is_due(own, recommender):
            try:
                begin_training(own, recommender, effective_body(own, recommender).get("recommenderConfig"))
            except ApiError as problem:
                _log.warning("not retrained", extra={"arn": recommender.arn, "reason": str(problem)})
            else:
                started.append(recommender.arn)
    return started


def is_due(context: Context, recommender: Record) -> bool:
    """Seven days after the last training that was not stopped; a day after one that failed."""
    trainings = trainings_of(context, recommender)
    if any(context.running(training) for training in trainings):
        return False
    counted = [training for training in trainings if training.work != "stopped"]
    last = counted[-1] if counted else recommender
    wait = _AFTER_FAILURE if last.work == "failed" else _INTERVAL
    return context.now - last.created >= context.options.timing.scheduled(wait)


def begin_training(context: Context, recommender: Record, config: Mapping[str, Any] | None) -> str:
    """A full training by this recommenderConfig in place of one that is running; its ARN."""
    stop_trainings(context, recommender)
    settings = {"recipeArn": recommender.body["recipeArn"], "recommenderConfig": dict(config or {})}

    def prepare(context: Context, request: Request, parents: Parents) -> Draft:
        return Draft(body={**settings, "trainingMode": "FULL"}, arn={"recommender": recommender.name})

    made = create(context, TRAINING, {"recommenderArn": recommender.arn}, prepare)
    return str(made["recommenderTrainingArn"])


def stop_trainings(context: Context, recommender: Record) -> None:
    for training in trainings_of(context, recommender):
        if context.running(training):
            state = "stopping" if training.work == "running" else "stopped"
            context.store.update(training.changed(context.now, work=state))
            context.wake()


def _retire(context: Context, recommender: Record) -> None:
    """Forgets models that another has taken the place of; what an update tells of its training stays."""
    current = current_model(context, recommender)
    if current.arn == recommender.arn:
        return
    if "model" in recommender.own:
        context.store.update(recommender.changed(recommender.updated, own=_without_model(recommender)))
    update = recommender.own.get("update", {}).get("training")
    for training in trainings_of(context, recommender):
        if training.seq >= current.seq or context.running(training):
            continue
        if training.arn != update:
            context.store.remove(training.arn)
        elif "model" in training.own:
            context.store.update(training.changed(training.updated, own=_without_model(training)))


def _without_model(record: Record) -> dict[str, Any]:
    return {name: value for name, value in record.own.items() if name != "model"}
