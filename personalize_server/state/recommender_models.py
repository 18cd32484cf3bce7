"""Which of a recommender's models answers: that of its creation, until a later one is ACTIVE."""

from personalize_server.state.context import Context
from personalize_server.state.store import Record

TRAINING = "RecommenderTraining"


def trainings_of(context: Context, recommender: Record) -> list[Record]:
    """Those after the first, oldest first."""
    return context.linked(recommender.arn, kind=TRAINING, member="recommenderArn")


def current_model(context: Context, recommender: Record) -> Record:
    """The recommender itself or one of its trainings: a record that has a model, metrics and settings."""
    trained = [
        one for one in trainings_of(context, recommender) if "model" in one.own and context.active(one)
    ]
    return trained[-1] if trained else recommender
