"""A campaign to measure: generated data, imported, trained and deployed through the API."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.personalize_process import REGION, ServerProcess
from engine.data.generated import generated, with_devices

USERS, ITEMS, EVENTS = 74_000, 4_182, 1_970_000
_ROLE = "arn:aws:iam::123456789012:role/benchmark"
_FIELDS = {
    "Interactions": [
        ("USER_ID", "string"),
        ("ITEM_ID", "string"),
        ("TIMESTAMP", "long"),
        ("EVENT_TYPE", "string"),
        ("DEVICE", "string"),
    ],
    "Items": [("ITEM_ID", "string"), ("PRICE", "float")],
}
_LEANING = 0.6
"""of events to the device of their item"""
_RECIPES = {"campaign": "aws-user-personalization-v2", "ranking": "aws-personalized-ranking-v2"}
_FILTER = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy") | EXCLUDE ItemID WHERE Items.PRICE > 80'


@dataclass(frozen=True)
class Deployed:
    users: int
    items: int
    campaign: str
    filter: str
    tracking: str
    ranking: str
    """a campaign for GetPersonalizedRanking"""
    region: str = REGION


def deployed_in(data: Path, users: int = USERS, items: int = ITEMS, events: int = EVENTS) -> Deployed:
    """What is deployed on the server of this folder, from now on if nothing has been."""
    place = data / "deployed.json"
    if not place.exists():
        with ServerProcess(data) as server:
            deployed = deploy(server, users, items, events)
        place.write_text(json.dumps(vars(deployed)))
    return Deployed(**json.loads(place.read_text()))


def deploy(server: ServerProcess, users: int, items: int, events: int) -> Deployed:
    api = server.client()
    bucket = server.objects / "benchmark"
    bucket.mkdir(exist_ok=True)
    data = with_devices(generated(users, items, events), leaning=_LEANING)
    assert data.contexts is not None
    interactions, devices = data.interactions, data.contexts.columns["DEVICE"]
    rng = np.random.default_rng(1)
    kinds = rng.choice(["view", "like", "buy"], len(interactions), p=[0.7, 0.2, 0.1])
    rows = zip(
        interactions.user_ids[interactions.users].tolist(),
        interactions.item_ids[interactions.items].tolist(),
        interactions.times.tolist(),
        kinds.tolist(),
        devices.values[devices.codes].tolist(),
        strict=True,
    )
    csv = {
        "Interactions": (",".join(map(str, row)) + "\n" for row in rows),
        "Items": (f"{item},{rng.random() * 100:.2f}\n" for item in interactions.item_ids.tolist()),
    }
    group = api.create_dataset_group(name="benchmark")["datasetGroupArn"]
    for kind, lines in csv.items():
        with (bucket / f"{kind}.csv").open("w") as file:
            file.write(",".join(name for name, _ in _FIELDS[kind]) + "\n")
            file.writelines(lines)
        _import(api, group, kind)
    campaigns = {purpose: _campaign(api, group, purpose) for purpose in _RECIPES}
    chosen = api.create_filter(name="benchmark", datasetGroupArn=group, filterExpression=_FILTER)["filterArn"]
    tracker = api.create_event_tracker(name="benchmark", datasetGroupArn=group)
    runtime, started = server.client("personalize-runtime"), time.perf_counter()
    runtime.get_recommendations(campaignArn=campaigns["campaign"], userId="u00000001")
    print(f"first answer of the campaign after {time.perf_counter() - started:.1f} s", flush=True)
    runtime.get_personalized_ranking(
        campaignArn=campaigns["ranking"], userId="u00000001", inputList=["i000001"]
    )
    return Deployed(users, items, filter=chosen, tracking=tracker["trackingId"], region=REGION, **campaigns)


def _campaign(api: Any, group: str, purpose: str) -> str:
    recipe, name = _RECIPES[purpose], f"benchmark-{purpose}"
    solution = api.create_solution(
        name=name,
        datasetGroupArn=group,
        recipeArn=f"arn:aws:personalize:::recipe/{recipe}",
        performAutoTraining=False,
    )["solutionArn"]
    started = time.perf_counter()
    version = api.create_solution_version(solutionArn=solution)["solutionVersionArn"]
    _settled(lambda: api.describe_solution_version(solutionVersionArn=version)["solutionVersion"])
    print(f"{recipe} trained in {time.perf_counter() - started:.1f} s", flush=True)
    return str(api.create_campaign(name=name, solutionVersionArn=version)["campaignArn"])


def _import(api: Any, group: str, kind: str) -> None:
    fields: list[dict[str, Any]] = [{"name": name, "type": type_} for name, type_ in _FIELDS[kind]]
    for field in fields:
        if field["name"] == "DEVICE":
            field |= {"type": ["null", "string"], "categorical": True}
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
