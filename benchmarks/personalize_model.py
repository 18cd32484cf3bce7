"""A campaign to measure: generated data, imported, trained and deployed through the API."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.personalize_process import REGION, ServerProcess
from engine.generated import generated

_ROLE = "arn:aws:iam::123456789012:role/benchmark"
_FIELDS = {
    "Interactions": [
        ("USER_ID", "string"),
        ("ITEM_ID", "string"),
        ("TIMESTAMP", "long"),
        ("EVENT_TYPE", "string"),
    ],
    "Items": [("ITEM_ID", "string"), ("PRICE", "float")],
}
_FILTER = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy") | EXCLUDE ItemID WHERE Items.PRICE > 80'


@dataclass(frozen=True)
class Deployed:
    users: int
    items: int
    campaign: str
    filter: str
    tracking: str
    region: str = REGION


def deploy(server: ServerProcess, users: int, items: int, events: int) -> Deployed:
    api = server.client()
    bucket = server.objects / "benchmark"
    bucket.mkdir(exist_ok=True)
    interactions = generated(users, items, events).interactions
    rng = np.random.default_rng(1)
    kinds = rng.choice(["view", "like", "buy"], len(interactions), p=[0.7, 0.2, 0.1])
    rows = zip(
        interactions.user_ids[interactions.users].tolist(),
        interactions.item_ids[interactions.items].tolist(),
        interactions.times.tolist(),
        kinds.tolist(),
        strict=True,
    )
    csv = {
        "Interactions": (f"{user},{item},{when},{kind}\n" for user, item, when, kind in rows),
        "Items": (f"{item},{rng.random() * 100:.2f}\n" for item in interactions.item_ids.tolist()),
    }
    group = api.create_dataset_group(name="benchmark")["datasetGroupArn"]
    for kind, lines in csv.items():
        with (bucket / f"{kind}.csv").open("w") as file:
            file.write(",".join(name for name, _ in _FIELDS[kind]) + "\n")
            file.writelines(lines)
        _import(api, group, kind)
    recipe = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
    solution = api.create_solution(
        name="benchmark", datasetGroupArn=group, recipeArn=recipe, performAutoTraining=False
    )["solutionArn"]
    started = time.perf_counter()
    version = api.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    _settled(lambda: api.describe_solution_version(solutionVersionArn=version)["solutionVersion"])
    print(f"trained in {time.perf_counter() - started:.1f} s", flush=True)
    campaign = api.create_campaign(name="benchmark", solutionVersionArn=version)["campaignArn"]
    chosen = api.create_filter(name="benchmark", datasetGroupArn=group, filterExpression=_FILTER)["filterArn"]
    tracker = api.create_event_tracker(name="benchmark", datasetGroupArn=group)
    started = time.perf_counter()
    server.client("personalize-runtime").get_recommendations(campaignArn=campaign, userId="u00000001")
    print(f"first answer of the campaign after {time.perf_counter() - started:.1f} s", flush=True)
    return Deployed(users, items, campaign, chosen, tracker["trackingId"])


def _import(api: Any, group: str, kind: str) -> None:
    fields = [{"name": name, "type": type_} for name, type_ in _FIELDS[kind]]
    namespace = "com.amazonaws.personalize.schema"
    schema = {"type": "record", "name": kind, "namespace": namespace, "fields": fields, "version": "1.0"}
    made = api.create_schema(name=f"benchmark-{kind}", schema=json.dumps(schema))["schemaArn"]
    dataset = api.create_dataset(
        name=f"benchmark-{kind}", schemaArn=made, datasetGroupArn=group, datasetType=kind
    )["datasetArn"]
    job = api.create_dataset_import_job(
        jobName=f"benchmark-{kind}",
        datasetArn=dataset,
        dataSource={"dataLocation": f"s3://benchmark/{kind}.csv"},
        roleArn=_ROLE,
    )["datasetImportJobArn"]
    _settled(lambda: api.describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"])


def _settled(describe: Callable[[], Any]) -> None:
    while (found := describe())["status"] != "ACTIVE":
        if "FAILED" in found["status"]:
            raise RuntimeError(found["failureReason"])
        time.sleep(0.1)
