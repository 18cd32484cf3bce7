"""Beliefs that the run itself answers."""

import json
import re
from typing import Any

from personalize_server.facts.metric_names import METRICS
from verification.beliefs.belief import Belief, Finding, Unknown, held
from verification.beliefs.world import World

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_FIND = "Find other executions"


def _policies_suffice(world: World) -> Finding:
    jobs = [*world.imports, *world.batches]
    told = [{"status": job["status"], "failureReason": job.get("failureReason")} for job in jobs]
    if not world.batches:
        raise Unknown(f"there was no batch inference job; imports: {told}")
    return held(all(job["status"] == "ACTIVE" for job in jobs), told)


def _run_succeeds(world: World) -> Finding:
    if world.ended is None:
        raise Unknown("the workflow was not started")
    told = {
        "status": world.ended.status,
        "outcome": world.ended.output.get("outcome"),
        "error": world.ended.error,
        "cause": world.ended.cause[:1000],
        "seconds": round(world.ended.seconds),
    }
    return held(told["status"] == "SUCCEEDED" and told["outcome"] == "published", told)


def _start_date(world: World) -> Finding:
    entered = False
    for event in world.events:
        if event.get("stateEnteredEventDetails", {}).get("name") == _FIND:
            entered = True
        elif entered and "taskSucceededEventDetails" in event:
            output = json.loads(event["taskSucceededEventDetails"]["output"])
            dates = [execution.get("StartDate") for execution in output["Executions"]]
            if not dates:
                raise Unknown("ListExecutions did not list the execution itself")
            good = all(isinstance(date, str) and _TIME.fullmatch(date) for date in dates)
            return held(good, {"StartDate": dates})
    raise Unknown(f"the history has no answer to {_FIND}")


def _batch_names(world: World) -> Finding:
    inputs, outputs = _batch_keys(world)
    wanted = {f"{name}.out" for name in inputs}
    return held(wanted <= set(outputs), {"input": inputs, "output": outputs})


def _nothing_besides(world: World) -> Finding:
    inputs, outputs = _batch_keys(world)
    others = sorted(set(outputs) - {f"{name}.out" for name in inputs})
    return held(not others, {"other objects": others})


def _batch_lines(world: World) -> Finding:
    bucket, prefix = _location(world.batches, "jobOutput")
    s3 = world.cloud.client("s3")
    for key in _keys(s3, bucket, prefix):
        if key.endswith(".out"):
            line = json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].readline())
            shape = _shape(line)
            good = line.get("error") is None and "recommendedItems" in (line.get("output") or {})
            return held(good and "userId" in line["input"], shape)
    raise Unknown(f"no file ends in .out below {prefix}")


def _metric_names(world: World) -> Finding:
    arn = world.version["solutionVersionArn"]
    found = world.personalize.get_solution_metrics(solutionVersionArn=arn)["metrics"]
    return held(set(METRICS) <= set(found), {"names": sorted(found), "expected": sorted(METRICS)})


def _version_name(world: World) -> Finding:
    name = world.version.get("name")
    identity = world.version["solutionVersionArn"].split("/")[-1]
    return held(name == f"{world.solution['name']}/{identity}", {"name": name})


def _update_shown(world: World) -> Finding:
    update = world.solution.get("latestSolutionUpdate")
    told = {"latestSolutionUpdate": _plain(update), "status": world.solution["status"]}
    return held(update is not None and update["status"] == "ACTIVE", told)


def _no_automatic_training(world: World) -> Finding:
    told = {"performAutoTraining": world.solution.get("performAutoTraining")}
    return held(told["performAutoTraining"] is False, told)


def _batch_keys(world: World) -> tuple[list[str], list[str]]:
    s3 = world.cloud.client("s3")
    found = []
    for member in ("jobInput", "jobOutput"):
        bucket, prefix = _location(world.batches, member)
        found.append([key.rsplit("/", 1)[1] for key in _keys(s3, bucket, prefix) if not key.endswith("/")])
    return found[0], found[1]


def _location(batches: list[dict[str, Any]], member: str) -> tuple[str, str]:
    if not batches:
        raise Unknown("there was no batch inference job")
    place = batches[0][member]
    source = place.get("s3DataSource") or place.get("s3DataDestination")
    bucket, _, prefix = source["path"].removeprefix("s3://").partition("/")
    return bucket, prefix


def _keys(s3: Any, bucket: str, prefix: str) -> list[str]:
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [found["Key"] for page in pages for found in page.get("Contents", [])]


def _shape(value: Any) -> Any:
    """The members of a value, and the kinds of what is in them: what it says of anybody is left out."""
    if isinstance(value, dict):
        return {name: _shape(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_shape(value[0])] if value else []
    return type(value).__name__


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value, default=str))


BELIEFS = (
    Belief(
        "run-succeeds",
        "A first run imports, trains, infers and publishes.",
        "constructs/training",
        _run_succeeds,
    ),
    Belief(
        "policies-suffice",
        "Policies of bucket and key, and the roles, as deployed let Personalize import and infer.",
        "constructs/storage, constructs/models/personalize_roles.py",
        _policies_suffice,
    ),
    Belief(
        "start-date-format",
        "ListExecutions answers a state machine with StartDate as ISO 8601 text that ends in Z, so that it "
        "compares with the execution's StartTime.",
        "constructs/workflow/beginning.py",
        _start_date,
    ),
    Belief(
        "batch-file-names",
        "Batch inference writes <input file>.out for each input file.",
        "lambda_src/pipeline/batch_input.py",
        _batch_names,
    ),
    Belief(
        "batch-nothing-besides",
        "Batch inference leaves no other objects beside its output.",
        "lambda_src/pipeline/load.py",
        _nothing_besides,
    ),
    Belief(
        "batch-lines",
        "A line of batch output has input.userId, output.recommendedItems and error null.",
        "lambda_src/pipeline/load.py",
        _batch_lines,
    ),
    Belief(
        "metric-names",
        "GetSolutionMetrics has the metrics that a use case may be judged by.",
        "personalize_server/facts/metric_names.py, config/rules/models.py",
        _metric_names,
    ),
    Belief(
        "version-name",
        "A solution version's name is <solution>/<id> where none was given.",
        "personalize_server/operations",
        _version_name,
    ),
    Belief(
        "solution-update-shown",
        "DescribeSolution has latestSolutionUpdate, with a status, after UpdateSolution.",
        "lambda_src/pipeline/custom_resources/solution_settings.py",
        _update_shown,
    ),
    Belief(
        "automatic-training-off",
        "Automatic training is off once the stage is deployed.",
        "constructs/models/solution_settings.py",
        _no_automatic_training,
    ),
)
