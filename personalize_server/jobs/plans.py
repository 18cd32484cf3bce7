"""What a background job needs to know, and what its result changes."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from personalize_server.answers.inference_plan import inference_plan, solution_settings, takes_updates
from personalize_server.attribution.import_plans import import_plan, remember_import
from personalize_server.data.avro_schema import DATASET_TYPES
from personalize_server.data.dataset_contents import appended_parts, dataset_content, needed
from personalize_server.data.put_records import last_seq
from personalize_server.facts.options import Options
from personalize_server.facts.recipes import RECIPES
from personalize_server.jobs.plan_types import Plan, Result
from personalize_server.operations import auto_ml
from personalize_server.state.store import Record, Store


def plan_of(store: Store, options: Options, record: Record, scratch: Path) -> Plan:
    """Plain values for a process of its own, as things are when the job starts."""
    common = {
        "s3_endpoint": options.s3_endpoint,
        "file_root": str(options.file_root) if options.file_root else None,
        "region": record.region,
        "scratch": str(scratch),
        "state_file": str(options.state_file),
        "quotas": asdict(options.quotas),
    }
    return {**common, **_PLANS[record.kind](store, options, record)}


def finish(store: Store, options: Options, record: Record, result: Result, scratch: Path) -> None:
    """Makes the result count; to be called in a transaction."""
    _FINISHES[record.kind](store, options, record, result, scratch)


def _import_plan(store: Store, options: Options, record: Record) -> dict[str, Any]:
    dataset = needed(store, record.links["datasetArn"])
    schema = needed(store, dataset.links["schemaArn"])
    interactions = dataset.body["datasetType"] == "INTERACTIONS"
    return {
        "location": record.body["dataSource"]["dataLocation"],
        "dataset": dataset.body["datasetType"],
        "schema": schema.body["schema"],
        "least_rows": options.quotas.import_interactions if interactions else 1,
        "attribution": import_plan(store, options, record, dataset),
        "items": dataset_content(store, options, dataset.links["datasetGroupArn"], "ITEMS"),
    }


def _import_finish(store: Store, options: Options, record: Record, result: Result, scratch: Path) -> None:
    dataset = needed(store, record.links["datasetArn"])
    name = f"{scratch.name}-{record.seq}"
    _keep(scratch, options.datasets / name)
    incremental = record.body["importMode"] == "INCREMENTAL"
    parts = list(dataset.own.get("parts", [])) if incremental else []
    put_before = list(dataset.own.get("put_before", [0] * len(parts))) if incremental else []
    appended = appended_parts(dataset, len(parts)) if incremental else []
    now = time.time()
    grown = {
        "parts": [*parts, name],
        "put_before": [*put_before, last_seq(store, dataset.arn)],
        "appended": [*appended, incremental],
        "imported": record.created,
    }
    store.update(dataset.changed(now, own={**dataset.own, **grown}))
    measured = result.get("attribution")
    if measured is not None:
        remember_import(store, measured)
    rows = {key: value for key, value in result.items() if key != "attribution"}
    store.update(record.changed(now, work="done", own={**record.own, "result": rows}))


def _training_plan(store: Store, options: Options, record: Record) -> dict[str, Any]:
    group = record.links["datasetGroupArn"]
    recipe = RECIPES.get(record.body.get("recipeArn", ""))
    segments = recipe is not None and recipe.type == "USER_SEGMENTATION"
    contents = {
        type_: dataset_content(store, options, group, type_, replaced_only=segments)
        for type_ in DATASET_TYPES
    }
    return {
        "datasets": {type_: content for type_, content in contents.items() if content is not None},
        "solution": _training_settings(record),
        "learned": _learned(store, record) if record.body.get("trainingMode") == "UPDATE" else None,
        "trials": str(options.trials / f"{record.seq}.jsonl"),
    }


def _training_settings(record: Record) -> dict[str, Any]:
    return solution_settings(record) if "recipeArn" in record.body else auto_ml.settings_of(record)


def _learned(store: Store, version: Record) -> Any:
    """What the newest version trained in the mode FULL has found out besides its model."""
    versions = store.linked(version.links["solutionArn"], kind="SolutionVersion", member="solutionArn")
    full = [
        other
        for other in versions
        if other.work == "done" and other.body["trainingMode"] == "FULL" and other.own.get("learned")
    ]
    return full[-1].own["learned"] if full else None


def _training_finish(store: Store, options: Options, record: Record, result: Result, scratch: Path) -> None:
    name = f"{scratch.name}-{record.seq}"
    _keep(scratch, options.models / name)
    body = {**record.body, "trainingHours": result["hours"]}
    if result["recipe"]:
        body |= auto_ml.settled(store, record, result["recipe"], time.time())
    if result["tuned"]:
        body["tunedHPOParams"] = {"algorithmHyperParameters": result["tuned"]}
    own = {**record.own, "model": name, "metrics": result["metrics"], "learned": result["learned"]}
    store.update(record.changed(time.time(), work="done", body=body, own=own))


def _batch_plan(store: Store, options: Options, record: Record) -> dict[str, Any]:
    chosen = record.links.get("filterArn")
    version = needed(store, record.links["solutionVersionArn"])
    return {
        **inference_plan(store, options, version),
        "filter": needed(store, chosen).body["filterExpression"] if chosen else None,
        "results": record.body["numResults"],
        "config": record.body.get("batchInferenceJobConfig", {}),
        "updates": takes_updates(store, version),
        "name": record.name,
        "input": record.body["jobInput"]["s3DataSource"]["path"],
        "output": record.body["jobOutput"]["s3DataDestination"]["path"],
    }


def _plain_finish(store: Store, options: Options, record: Record, result: Result, scratch: Path) -> None:
    store.update(record.changed(time.time(), work="done", own={**record.own, "result": result}))


def _export_plan(store: Store, options: Options, record: Record) -> dict[str, Any]:
    dataset = needed(store, record.links["datasetArn"])
    group, type_ = dataset.links["datasetGroupArn"], dataset.body["datasetType"]
    return {
        "content": dataset_content(store, options, group, type_),
        "mode": record.body["ingestionMode"],
        "name": record.name,
        "output": record.body["jobOutput"]["s3DataDestination"]["path"],
    }


def _deletion_plan(store: Store, options: Options, record: Record) -> dict[str, Any]:
    datasets = store.linked(record.links["datasetGroupArn"], kind="Dataset", member="datasetGroupArn")
    parts = [part for dataset in datasets for part in dataset.own.get("parts", [])]
    return {
        "location": record.body["dataSource"]["dataLocation"],
        "folders": [str(options.datasets / part) for part in parts],
    }


def _deletion_finish(store: Store, options: Options, record: Record, result: Result, scratch: Path) -> None:
    names = {old: f"{scratch.name}-{record.seq}-{number}" for old, number in result["replaced"].items()}
    for old, number in result["replaced"].items():
        _keep(scratch / number, options.datasets / names[old])
    now, deleted = time.time(), int(result["deleted"])
    for dataset in store.linked(record.links["datasetGroupArn"], kind="Dataset", member="datasetGroupArn"):
        parts = [names.get(part, part) for part in dataset.own.get("parts", [])]
        store.update(dataset.changed(now, own={**dataset.own, "parts": parts, "erased": record.seq}))
        if dataset.body["datasetType"] not in ("ITEMS", "ACTIONS"):
            for user in result["users"]:
                sql = "DELETE FROM put_records WHERE dataset = ? AND subject = ?"
                deleted += store.execute(sql, dataset.arn, user)
    body = {**record.body, "numDeleted": deleted}
    store.update(record.changed(now, work="done", body=body))


_PLANS: Mapping[str, Any] = {
    "DatasetImportJob": _import_plan,
    "SolutionVersion": _training_plan,
    "Recommender": _training_plan,
    "RecommenderTraining": _training_plan,
    "BatchInferenceJob": _batch_plan,
    "BatchSegmentJob": _batch_plan,
    "DatasetExportJob": _export_plan,
    "DataDeletionJob": _deletion_plan,
}
_FINISHES: Mapping[str, Any] = {
    "DatasetImportJob": _import_finish,
    "SolutionVersion": _training_finish,
    "Recommender": _training_finish,
    "RecommenderTraining": _training_finish,
    "BatchInferenceJob": _plain_finish,
    "BatchSegmentJob": _plain_finish,
    "DatasetExportJob": _plain_finish,
    "DataDeletionJob": _deletion_finish,
}


def _keep(scratch: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    scratch.rename(place)
