"""Trainings: of solution versions, of recommenders, and of recommenders once more."""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from personalize_server.answers.inference_plan import solution_settings
from personalize_server.data.avro_schema import DATASET_TYPES
from personalize_server.data.dataset_contents import DatasetContent, dataset_content
from personalize_server.facts.options import Options
from personalize_server.facts.quotas import Quotas
from personalize_server.facts.recipes import RECIPES
from personalize_server.jobs.outcomes import keep
from personalize_server.operations import auto_ml
from personalize_server.state.store import Record, Store


@dataclass(frozen=True, kw_only=True)
class Training:
    datasets: Mapping[str, DatasetContent]
    """by type"""
    solution: Mapping[str, Any]
    """as solution_settings gives them or, with the recipes to choose from, auto_ml.settings_of"""
    learned: Mapping[str, Any] | None
    """what a training in the mode UPDATE goes on with, as JSON values"""
    trials: Path
    """where a search for hyper-parameters keeps what it has tried"""
    quotas: Quotas
    state_file: Path
    scratch: Path
    """where the model is written"""


@dataclass(frozen=True, kw_only=True)
class TrainedVersion:
    metrics: Mapping[str, float]
    learned: Mapping[str, Any] | None
    tuned: Mapping[str, str]
    """hyper-parameters of the best trial"""
    recipe: str | None
    """the ARN of the best recipe; None: there was no choice"""
    hours: float


def plan(store: Store, options: Options, record: Record, scratch: Path) -> Training:
    group = record.links["datasetGroupArn"]
    recipe = RECIPES.get(record.body.get("recipeArn", ""))
    segments = recipe is not None and recipe.type == "USER_SEGMENTATION"
    contents = {
        type_: dataset_content(store, options, group, type_, replaced_only=segments)
        for type_ in DATASET_TYPES
    }
    return Training(
        datasets={type_: content for type_, content in contents.items() if content is not None},
        solution=solution_settings(record) if "recipeArn" in record.body else auto_ml.settings_of(record),
        learned=_learned(store, record) if record.body.get("trainingMode") == "UPDATE" else None,
        trials=options.trials / f"{record.seq}.jsonl",
        quotas=options.quotas,
        state_file=options.state_file,
        scratch=scratch,
    )


def _learned(store: Store, version: Record) -> Mapping[str, Any] | None:
    """What the newest version trained in the mode FULL has found out besides its model."""
    versions = store.linked(version.links["solutionArn"], kind="SolutionVersion", member="solutionArn")
    full = [
        other
        for other in versions
        if other.work == "done" and other.body["trainingMode"] == "FULL" and other.own.get("learned")
    ]
    return full[-1].own["learned"] if full else None


def work(job: Training) -> TrainedVersion:
    """Raises: JobFailed, if the data does not do for the recipe."""
    from engine.serving import artifacts
    from personalize_server.data.avro_schema import parse_schema
    from personalize_server.data.parts import parts_of
    from personalize_server.disk.models import MODEL_FILE
    from personalize_server.training.auto_ml import train_best
    from personalize_server.training.inputs import Dataset, Inputs
    from personalize_server.training.run import train

    started = time.monotonic()
    put = job.scratch / "put"
    put.mkdir(parents=True)
    datasets = {
        type_: Dataset(parts_of(content, job.state_file, put / type_), parse_schema(content.schema))
        for type_, content in job.datasets.items()
    }
    inputs = Inputs(
        datasets=datasets,
        solution=job.solution,
        quotas=job.quotas,
        learned=job.learned,
        trials=job.trials,
    )
    trained, recipe = train_best(inputs) if "candidates" in job.solution else (train(inputs), None)
    shutil.rmtree(put, ignore_errors=True)
    artifacts.save(trained.model, job.scratch / MODEL_FILE)
    return TrainedVersion(
        metrics=trained.metrics,
        learned=trained.learned,
        tuned=trained.tuned,
        recipe=recipe,
        hours=(time.monotonic() - started) / 3600,
    )


def finish(store: Store, options: Options, record: Record, result: TrainedVersion, scratch: Path) -> None:
    name = f"{scratch.name}-{record.seq}"
    keep(scratch, options.models / name)
    body = {**record.body, "trainingHours": result.hours}
    if result.recipe:
        body |= auto_ml.settled(store, record, result.recipe, store.now())
    if result.tuned:
        body["tunedHPOParams"] = {"algorithmHyperParameters": result.tuned}
    own = {**record.own, "model": name, "metrics": result.metrics, "learned": result.learned}
    store.update(record.changed(store.now(), work="done", body=body, own=own))
