"""The steps of a user of the Personalize API, and data for them."""

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

ROLE = "arn:aws:iam::123456789012:role/personalize"
RECIPE = "arn:aws:personalize:::recipe/"
EXCLUDED = {"excludedDatasetColumns": {"ITEMS": ["GENRES"]}}
BUCKET = "personalize-data"

_COLUMNS: Mapping[str, list[dict[str, Any]]] = {
    "Interactions": [
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
        {"name": "EVENT_TYPE", "type": "string"},
        {"name": "EVENT_VALUE", "type": ["null", "float"]},
    ],
    "Users": [
        {"name": "USER_ID", "type": "string"},
        {"name": "AGE", "type": "int"},
        {"name": "GENDER", "type": ["null", "string"], "categorical": True},
    ],
    "Items": [
        {"name": "ITEM_ID", "type": "string"},
        {"name": "GENRES", "type": "string", "categorical": True},
        {"name": "PRICE", "type": ["null", "float"]},
        {"name": "TITLE", "type": ["null", "string"]},
    ],
}


def schema_text(dataset_type: str, *more: Mapping[str, Any], without: str | None = None) -> str:
    fields = [entry for entry in [*_COLUMNS[dataset_type], *more] if entry["name"] != without]
    namespace = "com.amazonaws.personalize.schema"
    schema = {"type": "record", "name": dataset_type, "namespace": namespace, "fields": fields}
    return json.dumps({**schema, "version": "1.0"})


def video_schema(dataset_type: str) -> str:
    """With what the domain VIDEO_ON_DEMAND requires."""
    created = {"name": "CREATION_TIMESTAMP", "type": ["null", "long"]}
    return schema_text(dataset_type, *([created] if dataset_type == "Items" else []))


@cache
def interactions_csv(users: int = 60, items: int = 80, per_user: int = 25, seed: int = 0) -> str:
    """Two camps of users, each with its own half of the items; types view, like, and rarely buy."""
    rng = random.Random(seed)
    lines = ["USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE"]
    for user in range(users):
        half = range(items // 2) if user % 2 else range(items // 2, items)
        chosen = rng.sample(half, min(per_user, len(half)))
        chosen += [rng.choice(half) for _ in range(per_user - len(chosen))]
        for at, item in enumerate(chosen):
            kind = rng.choice(["view", "view", "like", "buy"])
            lines.append(f"u{user},i{item},{1_700_000_000 + at * 60},{kind},{rng.randint(1, 5)}")
    return "\n".join(lines) + "\n"


def users_csv(users: int = 60) -> str:
    rows = (f"u{user},{20 + user},{'f' if user % 3 else ''}" for user in range(users))
    return "\n".join(["USER_ID,AGE,GENDER", *rows]) + "\n"


def items_csv(items: int = 80) -> str:
    rows = (
        f'i{item},{"Comedy|Drama" if item % 2 else "Horror"},{item}.5,"A \\"title\\", {item} \\\\ more"'
        for item in range(items)
    )
    return "\n".join(["ITEM_ID,GENRES,PRICE,TITLE", *rows]) + "\n"


@dataclass(frozen=True)
class Journey:
    """Every name starts with `name`, so that many journeys share a server."""

    personalize: Any
    s3: Any
    name: str

    def group(self) -> str:
        return str(self.personalize.create_dataset_group(name=self.name)["datasetGroupArn"])

    def dataset(self, group: str, dataset_type: str = "Interactions", schema: str | None = None) -> str:
        name = f"{self.name}-{dataset_type.lower()}"
        made = self.personalize.create_schema(name=name, schema=schema or schema_text(dataset_type))
        return str(
            self.personalize.create_dataset(
                name=name, schemaArn=made["schemaArn"], datasetGroupArn=group, datasetType=dataset_type
            )["datasetArn"]
        )

    def put(self, key: str, body: str | bytes) -> str:
        self.s3.put_object(Bucket=BUCKET, Key=f"{self.name}/{key}", Body=body)
        return f"s3://{BUCKET}/{self.name}/{key}"

    def start_import(self, dataset: str, location: str, run: str = "1", **more: Any) -> str:
        return str(
            self.personalize.create_dataset_import_job(
                jobName=f"{self.name}-{dataset.rpartition('/')[2].lower().replace('_', '-')}-{run}",
                datasetArn=dataset,
                dataSource={"dataLocation": location},
                roleArn=ROLE,
                **more,
            )["datasetImportJobArn"]
        )

    def import_csv(self, dataset: str, body: str | bytes, run: str = "1", **more: Any) -> dict[str, Any]:
        location = self.put(f"{dataset.rpartition('/')[2]}-{run}.csv", body)
        return self.imported(self.start_import(dataset, location, run, **more))

    def imported(self, job: str) -> dict[str, Any]:
        return settled(
            lambda: self.personalize.describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"]
        )

    def solution(self, group: str, recipe: str = "aws-user-personalization-v2", **more: Any) -> str:
        more.setdefault("name", self.name)
        return str(
            self.personalize.create_solution(
                datasetGroupArn=group, recipeArn=RECIPE + recipe, performAutoTraining=False, **more
            )["solutionArn"]
        )

    def start_training(self, solution: str) -> str:
        return str(self.personalize.create_solution_version(solutionArn=solution)["solutionVersionArn"])

    def trained(self, version: str) -> dict[str, Any]:
        return settled(
            lambda: self.personalize.describe_solution_version(solutionVersionArn=version)["solutionVersion"]
        )

    def train(self, solution: str) -> dict[str, Any]:
        return self.trained(self.start_training(solution))

    def infer(self, version: str, lines: str | bytes, run: str = "1", **more: Any) -> dict[str, Any]:
        path = self.put(f"batch-{run}/input/users.jsonl", lines).removesuffix("users.jsonl")
        job = self.personalize.create_batch_inference_job(
            jobName=f"{self.name}-batch-{run}",
            solutionVersionArn=version,
            jobInput={"s3DataSource": {"path": path}},
            jobOutput={"s3DataDestination": {"path": path.replace("/input/", "/output/")}},
            roleArn=ROLE,
            **more,
        )["batchInferenceJobArn"]
        return settled(
            lambda: self.personalize.describe_batch_inference_job(batchInferenceJobArn=job)[
                "batchInferenceJob"
            ]
        )

    def segment(self, version: str, lines: str | bytes, run: str = "1", **more: Any) -> dict[str, Any]:
        """Its output is that of `output`, as of inference."""
        path = self.put(f"batch-{run}/input/users.jsonl", lines).removesuffix("users.jsonl")
        job = self.personalize.create_batch_segment_job(
            jobName=f"{self.name}-segment-{run}",
            solutionVersionArn=version,
            jobInput={"s3DataSource": {"path": path}},
            jobOutput={"s3DataDestination": {"path": path.replace("/input/", "/output/")}},
            roleArn=ROLE,
            **more,
        )["batchSegmentJobArn"]
        describe = self.personalize.describe_batch_segment_job
        return settled(lambda: describe(batchSegmentJobArn=job)["batchSegmentJob"])

    def output(self, run: str = "1") -> list[dict[str, Any]]:
        key = f"{self.name}/batch-{run}/output/users.jsonl.out"
        body = self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return [json.loads(line) for line in body.splitlines()]

    def ready_to_train(self, **data: int) -> str:
        """A dataset group with interactions in it."""
        group = self.group()
        job = self.import_csv(self.dataset(group), interactions_csv(**data))
        assert job["status"] == "ACTIVE", job
        return group


def settled(describe: Callable[[], dict[str, Any]], seconds: float = 300) -> dict[str, Any]:
    """The description once the resource is neither pending nor in progress."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = describe()
        if not found["status"].endswith(("PENDING", "IN_PROGRESS", "STOPPING")):
            return found
        time.sleep(0.03)
    raise AssertionError(f"still {found['status']} after {seconds} s")


def user_lines(users: Iterator[str] | list[str]) -> str:
    return "".join(json.dumps({"userId": user}) + "\n" for user in users)
