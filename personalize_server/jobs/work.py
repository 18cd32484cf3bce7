"""What background jobs do, each in a process of its own: from a plan of plain values to a result of such."""

import logging
import math
import shutil
import time
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.serving import artifacts
from personalize_server.answers import image_files
from personalize_server.answers.exploration import exploration_of
from personalize_server.answers.inference import Inference
from personalize_server.attribution.imports import measure_import
from personalize_server.data.attribute_columns import in_memory
from personalize_server.data.attribute_table import AttributeTable
from personalize_server.data.avro_schema import parse_schema
from personalize_server.data.csv_export import export_csv
from personalize_server.data.csv_import import import_files
from personalize_server.data.erasure import users_of, without_users
from personalize_server.data.interaction_table import InteractionTable
from personalize_server.data.parts import parts_of, sources_of
from personalize_server.data.put_records import write_part
from personalize_server.facts.failures import JobFailed
from personalize_server.facts.quotas import Quotas
from personalize_server.filters.parser import parse_filter
from personalize_server.jobs.batch import Batch, infer_file, json_lines
from personalize_server.jobs.plan_types import Plan, Result
from personalize_server.jobs.segments import Segments, segment_file
from personalize_server.objects.locations import names_below, parse_location
from personalize_server.objects.opening import objects_of
from personalize_server.objects.s3 import Absent, Found, Objects
from personalize_server.training.auto_ml import train_best
from personalize_server.training.inputs import Dataset, Inputs
from personalize_server.training.run import train

Answering = Callable[[Iterable[bytes], Path], int]
"""from the lines of an input file to its output file; the number of lines"""

_log = logging.getLogger(__name__)


def import_dataset(plan: Plan) -> Result:
    objects = objects_of(plan)
    try:
        files = _import_files(objects, plan["location"])
        imported = import_files(
            _contents(objects, files),
            parse_schema(plan["schema"]),
            Path(plan["scratch"]),
            least_rows=plan["least_rows"],
        )
    except JobFailed as problem:
        raise JobFailed(
            f"Failed to create a data import job for {plan['dataset']} dataset. {problem}"
        ) from None
    result = {"rows": imported.rows, "distinct": imported.distinct}
    wanted, state_file, scratch = plan["attribution"], Path(plan["state_file"]), Path(plan["scratch"])
    if wanted is None:
        return result
    with TemporaryDirectory(dir=scratch.parent) as folder:
        items = parts_of(plan["items"] if wanted["sums_items"] else None, state_file, Path(folder))
        return {**result, "attribution": measure_import(wanted, scratch, items, objects, state_file)}


def train_version(plan: Plan) -> Result:
    started = time.monotonic()
    scratch = Path(plan["scratch"])
    put = scratch / "put"
    put.mkdir(parents=True)
    datasets = {}
    for type_, content in plan["datasets"].items():
        parts = parts_of(content, Path(plan["state_file"]), put / type_)
        datasets[type_] = Dataset(parts, parse_schema(content["schema"]))
    inputs = Inputs(
        datasets=datasets,
        solution=plan["solution"],
        quotas=Quotas(**plan["quotas"]),
        learned=plan["learned"],
        trials=Path(plan["trials"]),
    )
    trained, recipe = train_best(inputs) if "candidates" in plan["solution"] else (train(inputs), None)
    shutil.rmtree(put, ignore_errors=True)
    artifacts.save(trained.model, scratch / image_files.MODEL_FILE)
    return {
        "metrics": dict(trained.metrics),
        "learned": trained.learned,
        "tuned": dict(trained.tuned),
        "recipe": recipe,
        "hours": (time.monotonic() - started) / 3600,
    }


def infer_batch(plan: Plan) -> Result:
    filter_ = parse_filter(plan["filter"]) if plan["filter"] else None

    def prepare() -> Answering:
        inference = load_inference(plan)
        exploration = exploration_of(inference, plan["config"], math.inf if plan["updates"] else None)
        influence = plan["config"].get("rankingInfluence", {})
        batch = Batch(
            inference,
            plan["results"],
            filter_,
            exploration=exploration,
            influence=influence,
            seed=plan["name"],
        )
        return partial(infer_file, batch)

    return _each_input(plan, prepare)


def segment_users(plan: Plan) -> Result:
    quotas = Quotas(**plan["quotas"])

    def prepare() -> Answering:
        segments = _segments(plan)
        most = quotas.segment_attribute_lines if segments.by_attributes else quotas.segment_item_lines

        def answer(lines: Iterable[bytes], target: Path) -> int:
            asked = list(islice(lines, most + 1))
            if len(asked) > most:
                raise JobFailed(f"The input has more than {most} lines.")
            return segment_file(segments, asked, target)

        return answer

    return _each_input(plan, prepare)


def _segments(plan: Plan) -> Segments:
    scratch, state_file = Path(plan["scratch"]), Path(plan["state_file"])
    parts = {
        name: parts_of(plan[name], state_file, scratch / name) for name in ("interactions", "items", "users")
    }
    model = artifacts.load(Path(plan["model"]) / image_files.MODEL_FILE)
    table = InteractionTable.read(parts["interactions"])
    return Segments(
        model=model,
        by_attributes=str(plan["solution"]["recipeArn"]).endswith("/aws-item-attribute-affinity"),
        results=plan["results"],
        item_fields=parse_schema(plan["items"]["schema"]) if plan["items"] else (),
        table=table,
        items=in_memory(AttributeTable.read(parts["items"], "ITEM_ID", model.item_ids)),
        users=in_memory(AttributeTable.read(parts["users"], "USER_ID", table.user_ids)),
        window=Quotas(**plan["quotas"]).filter_window,
        filter_=parse_filter(plan["filter"]) if plan["filter"] else None,
    )


def _each_input(plan: Plan, prepare: Callable[[], Answering]) -> Result:
    """Every input file's lines answered in a file of the same name and `.out`, below the same folders."""
    objects, quotas = objects_of(plan), Quotas(**plan["quotas"])
    files = _batch_files(objects, plan["input"], quotas)
    output = parse_location(plan["output"])
    if output is None:
        raise JobFailed("Invalid S3 output path")
    scratch = Path(plan["scratch"])
    scratch.mkdir(parents=True)
    answer = prepare()
    lines = 0
    names = names_below(plan["input"], [found.location.key for found in files])
    for found, name in zip(files, names, strict=True):
        target = scratch / "output"
        started = time.monotonic()
        done = answer(json_lines(objects.blocks(found.location)), target)
        seconds = time.monotonic() - started
        _log.info(
            "inferred", extra={"file": str(found.location), "lines": done, "seconds": round(seconds, 3)}
        )
        objects.upload(target, output.inside(f"{name}.out"))
        target.unlink()
        lines += done
    return {"files": len(files), "lines": lines}


def export_dataset(plan: Plan) -> Result:
    scratch = Path(plan["scratch"])
    scratch.mkdir(parents=True)
    dataset, fields = plan["content"], parse_schema(plan["content"]["schema"])
    folders = list(map(Path, dataset["parts"])) if plan["mode"] in ("BULK", "ALL") else []
    put = scratch / "put"
    if plan["mode"] in ("PUT", "ALL") and write_part(Path(plan["state_file"]), dataset["arn"], fields, put):
        folders.append(put)
    output = parse_location(plan["output"])
    if output is None:
        raise JobFailed("Invalid Data location.")
    rows = export_csv(folders, fields, scratch / "export.csv")
    objects_of(plan).upload(scratch / "export.csv", output.inside(f"{plan['name']}/part-00000.csv"))
    return {"rows": rows}


def delete_data(plan: Plan) -> Result:
    """New parts, without the users, in place of those that have rows of theirs."""
    objects, location = objects_of(plan), parse_location(plan["location"])
    if location is None:
        raise JobFailed("Invalid Data location.")
    if location.is_folder:
        files = [found for found in objects.below(location) if found.location.key.endswith(".csv")]
    else:
        files = [found for found in [objects.find(location)] if found]
    if not files:
        raise JobFailed(f"Invalid Data location. There are no CSV files at {location}.")
    users = users_of(_contents(objects, files))
    scratch = Path(plan["scratch"])
    scratch.mkdir(parents=True)
    replaced, deleted = {}, 0
    for number, folder in enumerate(plan["folders"]):
        gone = without_users(Path(folder), users, scratch / str(number))
        if gone:
            replaced[Path(folder).name] = str(number)
            deleted += gone
    return {"replaced": replaced, "deleted": deleted, "users": sorted(users)}


WORK: Mapping[str, Callable[[Plan], Result]] = {
    "DatasetImportJob": import_dataset,
    "SolutionVersion": train_version,
    "Recommender": train_version,
    "RecommenderTraining": train_version,
    "BatchInferenceJob": infer_batch,
    "BatchSegmentJob": segment_users,
    "DatasetExportJob": export_dataset,
    "DataDeletionJob": delete_data,
}


def load_inference(plan: Plan) -> Inference:
    """The model of a plan with the data of its dataset group as it is now."""
    scratch = Path(plan["scratch"])
    image_files.build(plan, sources_of(plan, scratch), scratch / "image")
    return image_files.load(plan, scratch / "image")


def _import_files(objects: Objects, path: str) -> list[Found]:
    """One file, or those on the first level of a folder."""
    location = parse_location(path)
    if location is None:
        raise JobFailed("Invalid Data location.")
    if location.is_folder:
        files = objects.below(location, deep=False)
        if not files:
            raise Absent(f"Invalid Data location. There are no files in {location}.")
        return files
    found = objects.find(location)
    if found is None:
        raise Absent(f"Invalid Data location. There is no {location}.")
    return [found]


def _batch_files(objects: Objects, path: str, quotas: Quotas) -> list[Found]:
    location = parse_location(path)
    files = objects.below(location) if location else []
    if not files:
        raise JobFailed(f"Invalid S3 input path. There are no files at {path}.")
    if len(files) > quotas.batch_input_files:
        raise JobFailed(f"Invalid S3 input path. More than {quotas.batch_input_files} input files.")
    if sum(found.size for found in files) > quotas.batch_input_bytes:
        raise JobFailed(f"Invalid S3 input path. More than {quotas.batch_input_bytes} bytes of input.")
    return files


def _contents(objects: Objects, files: list[Found]) -> Iterable[tuple[str, Iterable[bytes]]]:
    for found in files:
        yield str(found.location), objects.blocks(found.location)
