"""What operations need to be there before they can succeed, made when first asked for."""

import time
from collections.abc import Callable, Mapping
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from tests.personalize_server.support.actions import REQUIRED, action_schema
from tests.personalize_server.support.journey import (
    RECIPE,
    ROLE,
    interactions_csv,
    items_csv,
    schema_text,
    user_lines,
    users_csv,
)
from tests.personalize_server.support.model_requests import Answer, call

BUCKET = "objects"
QUOTAS = tuple(
    f"--quota={quota}=5000"
    for quota in (
        *("dataset_groups", "campaigns", "solutions", "recommenders", "running_solution_versions"),
        *("running_import_jobs", "running_export_jobs", "running_batch_inference_jobs", "schemas"),
        *("running_data_deletion_jobs", "running_batch_segment_jobs"),
    )
)
"""options of a server with room for many worlds"""
_NUMBERS = count()
_CSV: Mapping[str, Callable[[], str]] = {
    "Interactions": interactions_csv,
    "Users": users_csv,
    "Items": items_csv,
}


def fresh_name() -> str:
    return f"n{next(_NUMBERS)}"


class World:
    """Resources of every kind on one server; `objects` is the folder that plays its bucket."""

    def __init__(self, url: str, objects: Path) -> None:
        self.url = url
        self.objects = objects
        for dataset_type, content in _CSV.items():
            (objects / f"{dataset_type}.csv").write_text(content())
        (objects / "users.csv").write_text("USER_ID\nnobody\n")
        for folder, lines in (("batch", user_lines(["u1"])), ("segments", '{"itemId": "i1"}\n')):
            (objects / folder).mkdir()
            (objects / folder / "input.jsonl").write_text(lines)

    def ask(self, name: str, /, **request: Any) -> Answer:
        return call(self.url, name, request)

    def do(self, name: str, /, **request: Any) -> dict[str, Any]:
        answer = self.ask(name, **request)
        assert answer.status == 200, (name, request, answer)
        return answer.content

    def s3(self, key: str) -> str:
        return f"s3://{BUCKET}/{key}"

    def settled(self, name: str, /, **arn: str) -> str:
        """The ARN, once what the Describe operation tells of is ACTIVE or COMPLETED."""
        until = time.monotonic() + 300
        while time.monotonic() < until:
            [described] = self.do(name, **arn).values()
            if described["status"] in ("ACTIVE", "COMPLETED"):
                return next(iter(arn.values()))
            assert "FAILED" not in described["status"], described
            time.sleep(0.03)
        raise AssertionError(described)

    def new_group(self, **more: str) -> str:
        return str(self.do("CreateDatasetGroup", name=fresh_name(), **more)["datasetGroupArn"])

    def new_schema(self, dataset_type: str = "Interactions", **more: str) -> str:
        text = schema_text(dataset_type) if dataset_type in _CSV else action_schema(dataset_type, REQUIRED)
        return str(self.do("CreateSchema", name=fresh_name(), schema=text, **more)["schemaArn"])

    def new_dataset(self, group: str, dataset_type: str = "Interactions", **more: str) -> str:
        made = self.do(
            "CreateDataset",
            **{"name": fresh_name(), "datasetGroupArn": group, "datasetType": dataset_type},
            schemaArn=self.new_schema(dataset_type, **more),
        )
        return str(made["datasetArn"])

    def new_import(self, dataset: str, dataset_type: str) -> str:
        source = {"dataLocation": self.s3(f"{dataset_type}.csv")}
        job = self.do(
            "CreateDatasetImportJob",
            jobName=fresh_name(),
            datasetArn=dataset,
            dataSource=source,
            roleArn=ROLE,
        )
        return self.settled("DescribeDatasetImportJob", **job)

    def new_solution(self, recipe: str, group: str | None = None) -> str:
        made = self.do(
            "CreateSolution",
            **{"name": fresh_name(), "datasetGroupArn": group or self.group, "recipeArn": RECIPE + recipe},
            performAutoTraining=False,
        )
        return str(made["solutionArn"])

    def new_version(self, recipe: str) -> str:
        made = self.do("CreateSolutionVersion", solutionArn=self.new_solution(recipe))
        return self.settled("DescribeSolutionVersion", **made)

    def new_campaign(self, version: str) -> str:
        made = self.do("CreateCampaign", name=fresh_name(), solutionVersionArn=version)
        return str(made["campaignArn"])

    def new_filter(self, group: str | None = None) -> str:
        expression = 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")'
        made = self.do(
            "CreateFilter",
            **{"name": fresh_name(), "datasetGroupArn": group or self.group, "filterExpression": expression},
        )
        return str(made["filterArn"])

    def new_tracker(self, group: str) -> dict[str, Any]:
        return self.do("CreateEventTracker", name=fresh_name(), datasetGroupArn=group)

    def new_attribution(self, group: str) -> str:
        made = self.do(
            "CreateMetricAttribution", **self.attribution(), name=fresh_name(), datasetGroupArn=group
        )
        return str(made["metricAttributionArn"])

    def new_recommender(self) -> str:
        made = self.do(
            "CreateRecommender",
            **{"name": fresh_name(), "datasetGroupArn": self.domain_group},
            recipeArn=f"{RECIPE}aws-ecomm-recommended-for-you",
        )
        return self.settled("DescribeRecommender", **made)

    def stopped_recommender(self) -> str:
        arn = self.new_recommender()
        self.do("StopRecommender", recommenderArn=arn)
        return arn

    def training_version(self) -> str:
        """One that is not trained yet."""
        made = self.do("CreateSolutionVersion", solutionArn=self.solution)
        return str(made["solutionVersionArn"])

    def attribution(self) -> dict[str, Any]:
        metric = {"eventType": "view", "metricName": "views", "expression": "SAMPLECOUNT()"}
        output = {"roleArn": ROLE, "s3DataDestination": {"path": self.s3("metrics/")}}
        return {"metrics": [metric], "metricsOutputConfig": output}

    def batch(self, folder: str = "batch") -> dict[str, Any]:
        return {
            "jobInput": {"s3DataSource": {"path": self.s3(f"{folder}/")}},
            "jobOutput": {"s3DataDestination": {"path": self.s3(f"{folder}-{fresh_name()}/")}},
        }

    def export(self) -> dict[str, Any]:
        return {"jobOutput": {"s3DataDestination": {"path": self.s3("exports/")}}}

    @cached_property
    def group(self) -> str:
        return self.new_group()

    @cached_property
    def datasets(self) -> Mapping[str, str]:
        """Of every type, three of them with data, by type."""
        found = {type_: self.new_dataset(self.group, type_) for type_ in (*_CSV, *REQUIRED)}
        for type_ in _CSV:
            self.new_import(found[type_], type_)
        return found

    @cached_property
    def solution(self) -> str:
        assert self.datasets
        return self.new_solution("aws-user-personalization-v2")

    @cached_property
    def version(self) -> str:
        assert self.datasets
        return self.new_version("aws-user-personalization-v2")

    @cached_property
    def segment_version(self) -> str:
        assert self.datasets
        return self.new_version("aws-item-affinity")

    @cached_property
    def campaign(self) -> str:
        return self.new_campaign(self.version)

    @cached_property
    def ranking_campaign(self) -> str:
        assert self.datasets
        return self.new_campaign(self.new_version("aws-personalized-ranking-v2"))

    @cached_property
    def action_campaign(self) -> str:
        """Of actions that some users have taken."""
        assert self.datasets
        actions = [{"actionId": f"a{number}"} for number in range(10)]
        self.do("PutActions", datasetArn=self.datasets["Actions"], actions=actions)
        for user in range(60):
            taken = [
                {
                    "actionId": f"a{(user + step) % 10}",
                    "userId": f"u{user}",
                    "sessionId": f"s{user}",
                    "timestamp": 1_700_000_000 + step,
                    "eventType": "TAKEN" if step % 2 else "VIEWED",
                }
                for step in range(10)
            ]
            self.do("PutActionInteractions", trackingId=self.action_tracking_id, actionInteractions=taken)
        return self.new_campaign(self.new_version("aws-next-best-action"))

    @cached_property
    def filter(self) -> str:
        assert self.datasets
        return self.new_filter()

    @cached_property
    def tracker(self) -> dict[str, Any]:
        assert self.datasets
        return self.new_tracker(self.group)

    @cached_property
    def action_tracking_id(self) -> str:
        """An Action interactions dataset has a tracker of its own."""
        described = self.do("DescribeDataset", datasetArn=self.datasets["Action_Interactions"])
        return str(described["dataset"]["trackingId"])

    @cached_property
    def metric_attribution(self) -> str:
        return self.new_attribution(self.new_group())

    @cached_property
    def import_job(self) -> str:
        return self.new_import(self.datasets["Users"], "Users")

    @cached_property
    def export_job(self) -> str:
        made = self.do(
            "CreateDatasetExportJob",
            **{"jobName": fresh_name(), "datasetArn": self.datasets["Users"], "roleArn": ROLE},
            **self.export(),
        )
        return self.settled("DescribeDatasetExportJob", **made)

    @cached_property
    def batch_inference_job(self) -> str:
        made = self.do(
            "CreateBatchInferenceJob",
            **{"jobName": fresh_name(), "solutionVersionArn": self.version, "roleArn": ROLE},
            **self.batch(),
        )
        return self.settled("DescribeBatchInferenceJob", **made)

    @cached_property
    def batch_segment_job(self) -> str:
        made = self.do(
            "CreateBatchSegmentJob",
            **{"jobName": fresh_name(), "solutionVersionArn": self.segment_version, "roleArn": ROLE},
            **self.batch("segments"),
        )
        return self.settled("DescribeBatchSegmentJob", **made)

    @cached_property
    def data_deletion_job(self) -> str:
        made = self.do(
            "CreateDataDeletionJob",
            **{"jobName": fresh_name(), "datasetGroupArn": self.group, "roleArn": ROLE},
            dataSource={"dataLocation": self.s3("users.csv")},
        )
        return self.settled("DescribeDataDeletionJob", **made)

    @cached_property
    def domain_group(self) -> str:
        group = self.new_group(domain="ECOMMERCE")
        text = interactions_csv().replace(",view,", ",View,").replace(",like,", ",View,")
        (self.objects / "Domain.csv").write_text(text)
        self.new_import(self.new_dataset(group, domain="ECOMMERCE"), "Domain")
        return group

    @cached_property
    def recommender(self) -> str:
        return self.new_recommender()
