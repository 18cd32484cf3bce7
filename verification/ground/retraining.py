"""The run of the use case: data into the bucket, the workflow started, and followed to its end."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stacks.props.training_workflow import uploaded_file
from verification.ground import sample
from verification.ground.account import Cloud
from verification.ground.plan import Plan

_DAY = 86_400
Say = Callable[[str], None]


@dataclass(frozen=True)
class Ended:
    """error, cause: of an execution that did not succeed. seconds: it took."""

    arn: str
    status: str
    output: dict[str, Any]
    error: str
    cause: str
    seconds: float


def output_of(cloud: Cloud, plan: Plan, stack: str, key: str) -> str:
    """Raises: LookupError, if the stack has no such output."""
    name = f"{plan.stage.id_in(plan.region)}-{stack}"
    [found] = cloud.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    for output in found.get("Outputs", []):
        if output["OutputKey"] == key:
            return str(output["OutputValue"])
    raise LookupError(f"stack {name} has no output {key}")


def upload(cloud: Cloud, plan: Plan) -> list[str]:
    """The keys of what lies in the data bucket now; nothing, where queries generate the data."""
    if plan.database is not None:
        return []
    bucket, s3 = output_of(cloud, plan, "Data", "DataBucketName"), cloud.client("s3")
    keys = []
    for dataset, configured in plan.use_case.datasets.items():
        columns = tuple(column.name for column in configured.columns)
        text = sample.csv_of(dataset, columns, day=plan.began - plan.began % _DAY)
        keys.append(uploaded_file(plan.use_case, dataset))
        s3.put_object(Bucket=bucket, Key=keys[-1], Body=text.encode(), ContentType="text/csv")
    return keys


def start(cloud: Cloud, plan: Plan) -> str:
    """The ARN of the execution."""
    machine = output_of(cloud, plan, "Training", "SampleWorkflowArn")
    payload = json.dumps({"force": True, "trigger": f"verification {plan.run}"})
    answer = cloud.client("stepfunctions").start_execution(stateMachineArn=machine, input=payload)
    return str(answer["executionArn"])


def follow(cloud: Cloud, arn: str, say: Say, *, pause: float) -> Ended:
    """Says each state that is entered first; looks every `pause` seconds, until the execution is over."""
    machines, said = cloud.client("stepfunctions"), set[str]()
    while True:
        described = machines.describe_execution(executionArn=arn)
        history = machines.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=100)
        entered = [event["stateEnteredEventDetails"]["name"] for event in history["events"]
                   if "stateEnteredEventDetails" in event]  # fmt: skip
        for name in reversed(entered):
            if name not in said:
                said.add(name)
                say(f"  {name}")
        if described["status"] != "RUNNING":
            return _ended(described)
        time.sleep(pause)


def _ended(described: dict[str, Any]) -> Ended:
    return Ended(
        arn=described["executionArn"],
        status=described["status"],
        output=json.loads(described.get("output") or "{}"),
        error=described.get("error", ""),
        cause=described.get("cause", ""),
        seconds=(described["stopDate"] - described["startDate"]).total_seconds(),
    )
