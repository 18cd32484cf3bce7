"""What the drill asks of each region: runs begun as schedules do, lists, stored events."""

import gzip
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from config.derived.names import app_name, name_in, serving_table_name
from local_cloud.demo.executions import RunFailed, history
from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings

Found = TypeVar("Found")
_PATIENCE_SECONDS = 300.0
_LOOK_SECONDS = 0.2
_CANARY = "steps.switching.ask_regions.lambda_handler"


@dataclass(frozen=True)
class Place:
    """A region of a stage."""

    settings: Settings
    stage: str

    @property
    def region(self) -> str:
        return self.settings.region

    def client(self, service: str) -> Any:
        return client(self.settings, service)

    def start(self, what: str, **more: Any) -> str:
        """The ARN of an execution of a use case's or notification's workflow, begun as its schedule does.

        more: members of its input. Raises: RunFailed, if nothing has such a schedule.
        """
        machine = name_in(self.stage, what)
        scheduler = self.client("scheduler")
        for page in scheduler.get_paginator("list_schedules").paginate():
            for entry in page["Schedules"]:
                target = scheduler.get_schedule(Name=entry["Name"])["Target"]
                if target["Arn"].endswith(f":stateMachine:{machine}"):
                    text = json.dumps(json.loads(target.get("Input", "{}")) | more)
                    begun = self.client("stepfunctions").start_execution(
                        stateMachineArn=target["Arn"], input=text
                    )
                    return str(begun["executionArn"])
        raise RunFailed(f"no schedule of {self.region} starts {machine}: is the stage deployed?")

    def ended(self, execution: str) -> dict[str, Any]:
        """As Step Functions describes it. Raises: RunFailed, if it does not end."""
        states = self.client("stepfunctions")

        def look() -> dict[str, Any] | None:
            described: dict[str, Any] = states.describe_execution(executionArn=execution)
            return None if described["status"] == "RUNNING" else described

        return eventually(look, f"{execution} goes on")

    def succeeded(self, execution: str) -> Any:
        """Its output. Raises: RunFailed."""
        described = self.ended(execution)
        if described["status"] != "SUCCEEDED":
            why = f"{described.get('error')}: {described.get('cause')}"
            raise RunFailed(f"{execution} ended as {described['status']}: {why}")
        return json.loads(described["output"])

    def history(self, execution: str) -> Sequence[Mapping[str, Any]]:
        return history(self.client("stepfunctions"), execution)

    def executions(self, machine: str) -> list[str]:
        arn = f"arn:aws:states:{self.region}:{self.settings.account}:stateMachine:{machine}"
        answer = self.client("stepfunctions").list_executions(stateMachineArn=arn)
        return [execution["executionArn"] for execution in answer["executions"]]

    def items(self, prefix: str) -> dict[tuple[str, str], dict[str, Any]]:
        """Of the serving table, by both keys, whose partition key begins with the prefix."""
        pages = (
            self.client("dynamodb")
            .get_paginator("scan")
            .paginate(
                TableName=serving_table_name(self.stage),
                ConsistentRead=True,
                FilterExpression="begins_with(pk, :prefix)",
                ExpressionAttributeValues={":prefix": {"S": prefix}},
            )
        )
        return {(item["pk"]["S"], item["sk"]["S"]): item for page in pages for item in page["Items"]}

    def stored_events(self, *types: str) -> set[str]:
        """Ids of events in the data bucket: of these types, or all."""
        s3, bucket = self.client("s3"), self._bucket()
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="events/")
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        stored = (event for key in keys for event in _events(s3, bucket, key))
        return {str(event["event_id"]) for event in stored if not types or event["type"] in types}

    def learned_events(self, use_case: str) -> int:
        """Tracked events in the interactions that the newest run was trained on. Raises: RunFailed."""
        s3, bucket = self.client("s3"), self._bucket()
        prefix = f"datasets/{use_case}/"
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [entry["Key"] for page in pages for entry in page.get("Contents", ())]
        manifests = sorted(key for key in keys if key.endswith("/interactions.manifest.json"))
        if not manifests:
            raise RunFailed(f"{self.region} has extracted no interactions of {use_case}")
        told = json.loads(s3.get_object(Bucket=bucket, Key=manifests[-1])["Body"].read())
        return int(told["trackedRows"]) + int(told["trackedSkipped"])

    def canary(self) -> dict[str, Any]:
        """What the canary of the region answers that is called now. Raises: RunFailed, if it fails."""
        functions = self.client("lambda")
        for page in functions.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                if function["Handler"] == _CANARY:
                    called = functions.invoke(FunctionName=function["FunctionName"], Payload=b"{}")
                    answer: dict[str, Any] = json.loads(called["Payload"].read())
                    if "FunctionError" in called:
                        raise RunFailed(f"the canary of {self.region} fails: {answer}")
                    return answer
        raise RunFailed(f"{self.region} has no canary: is the stage deployed?")

    def queued(self) -> int:
        """Messages that nobody has stored yet, those that failed too."""
        sqs = self.client("sqs")
        count = 0
        for name in (f"{app_name(self.stage)}-events", f"{app_name(self.stage)}-events-dead"):
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
            count += sum(int(value) for key, value in told.items() if key.startswith("ApproximateNumber"))
        return count

    def _bucket(self) -> str:
        for page in self.client("cloudformation").get_paginator("describe_stacks").paginate():
            for stack in page["Stacks"]:
                for output in stack.get("Outputs", []):
                    if output["OutputKey"] == "DataBucketName":
                        return str(output["OutputValue"])
        raise RunFailed(f"{self.region} has no data bucket: is the stage deployed?")


def _events(s3: Any, bucket: str, key: str) -> Iterator[dict[str, Any]]:
    text = gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    for line in text.splitlines():
        yield json.loads(line)


def eventually(look: Callable[[], Found | None], what: str) -> Found:
    """The first answer that is there. Raises: RunFailed, after all patience."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(_LOOK_SECONDS)
    raise RunFailed(f"{what} after {_PATIENCE_SECONDS:.0f} s")
