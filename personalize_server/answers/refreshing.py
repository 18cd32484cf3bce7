"""Models that are brought up to date between trainings, where their recipe has that."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.data.training_data import TrainingData
from engine.models import semantic, trending
from engine.models.semantic import SemanticConfig
from engine.serving.trained_model import Model
from personalize_server.answers.inference_plan import InferencePlan
from personalize_server.data.avro_schema import parse_schema
from personalize_server.data.dataset_contents import DatasetContent
from personalize_server.data.interaction_table import InteractionTable, used_rows
from personalize_server.facts.failures import JobFailed
from personalize_server.training.inputs import Dataset, Inputs
from personalize_server.training.popular import trending_config
from personalize_server.training.related import semantic_data


def refreshed_model(
    plan: InferencePlan, model: Model, table: InteractionTable, items: Sequence[Path]
) -> Model | None:
    """Of the data as it is now; None: the trained model serves as it is."""
    if plan.refreshed is None:
        return None
    match str(plan.solution["recipeArn"]).rpartition("/")[2]:
        case "aws-trending-now":
            return _trending_now(plan, model, table)
        case "aws-semantic-similarity" if plan.items is not None:
            return _with_new_texts(plan, plan.items, items)
        case _:
            return None


def _trending_now(plan: InferencePlan, model: Model, table: InteractionTable) -> Model | None:
    """Of the items the model knows."""
    mask, weights = used_rows(table, plan.solution)
    events = table.interactions(mask, weights)
    if not len(events):
        return None
    known = events.with_ids(items=model.item_ids)
    return trending.fit(TrainingData(known), trending_config(_inputs(plan, {})))


def _with_new_texts(plan: InferencePlan, items: DatasetContent, parts: Sequence[Path]) -> Model | None:
    """Trained again without the interactions, in seconds; the old model where the items do not fit."""
    dataset = Dataset(parts, parse_schema(items.schema))
    try:
        return semantic.fit(semantic_data(_inputs(plan, {"ITEMS": dataset})), SemanticConfig())
    except JobFailed:
        return None


def _inputs(plan: InferencePlan, datasets: Mapping[str, Dataset]) -> Inputs:
    return Inputs(datasets=datasets, solution=plan.solution, quotas=plan.quotas)
