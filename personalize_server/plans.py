"""What a background job needs to know, and what its result changes."""

import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from personalize_server import auto_ml
from personalize_server.attribution.import_plans import import_plan, remember_import
from personalize_server.avro_schema import DATASET_TYPES
from personalize_server.dataset_contents import appended_parts, dataset_content, needed
from personalize_server.metadata_puts import put_blocks
from personalize_server.options import Options
from personalize_server.plan_types import Plan, Result
from personalize_server.put_records import last_seq
from personalize_server.recipes import RECIPES, TREND_SECONDS
from personalize_server.store import Record, Store

_INCREMENTAL_SECONDS = 1800
_AUTOMATIC_UPDATE_SECONDS = 7200


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
        "solution": solution_settings(record),
        "learned": _learned(store, record) if record.body.get("trainingMode") == "UPDATE" else None,
        "trials": str(options.trials / f"{record.seq}.jsonl"),
    }


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


def inference_plan(store: Store, options: Options, version: Record) -> dict[str, Any]:
    """What it takes to put a version to work on the data of its dataset group."""
    group = version.links["datasetGroupArn"]
    contents = {type_: dataset_content(store, options, group, type_) for type_ in DATASET_TYPES}
    put = [contents[type_] for type_ in ("ITEMS", "USERS")]
    return {
        "model": str(options.models / version.own["model"]),
        "learned": version.own.get("learned"),
        **{type_.lower(): content for type_, content in contents.items()},
        "put_blocks": [put_blocks(store, content["arn"]) if content else 0 for content in put],
        "solution": solution_settings(version),
        "refreshed": _refreshed(version, time.time()),
        "quotas": asdict(options.quotas),
        "state_file": str(options.state_file),
    }


def takes_updates(store: Store, version: Record) -> bool:
    """Is it given new items between trainings? Of a solution only the newest version, if trained in full."""
    if version.kind != "SolutionVersion":
        return True
    sql = (
        "SELECT max(r.seq) FROM resources r JOIN links l ON l.arn = r.arn "
        "WHERE l.target = ? AND l.member = 'solutionArn' AND r.kind = 'SolutionVersion' AND r.work = 'done'"
    )
    [newest] = store.rows(sql, version.links["solutionArn"])
    return bool(newest[0] == version.seq) and version.body.get("trainingMode", "FULL") == "FULL"


def _refreshed(version: Record, now: float) -> int | None:
    """Changes when a model is to be brought up to date between trainings, of the recipes that have that."""
    recipe = RECIPES[version.body["recipeArn"]]
    if recipe.type == "PERSONALIZED_ACTIONS":
        return int(now // _AUTOMATIC_UPDATE_SECONDS)
    if recipe.model_arn.endswith("/aws-trending-now"):
        settings = version.body.get("solutionConfig", {}).get("featureTransformationParameters", {})
        frequency = settings.get("trend_discovery_frequency", "2 hours")
        return int(now // min(TREND_SECONDS[frequency.lower()], _AUTOMATIC_UPDATE_SECONDS))
    if recipe.incremental and version.body.get("performIncrementalUpdate"):
        return int(now // _INCREMENTAL_SECONDS)
    return None


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


def solution_settings(version: Record) -> dict[str, Any]:
    """What training and inference need of the settings of a version or recommender."""
    if "recipeArn" not in version.body:
        return auto_ml.settings_of(version)
    recipe = RECIPES[version.body["recipeArn"]]
    if recipe.domain is not None:
        chosen = version.body.get("recommenderConfig", {}).get("trainingDataConfig")
        config = {"trainingDataConfig": chosen} if chosen else {}
        return {
            "recipeArn": recipe.model_arn,
            "eventType": recipe.event_type,
            "solutionConfig": config,
            "leftOut": recipe.left_out,
            "explores": recipe.explores,
        }
    return {
        "performHPO": version.body.get("performHPO", False),
        "recipeArn": version.body["recipeArn"],
        "eventType": version.body.get("eventType"),
        "solutionConfig": version.body.get("solutionConfig", {}),
    }


def _keep(scratch: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    scratch.rename(place)
