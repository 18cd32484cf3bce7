"""A belief about events: an execution is stopped, and what EventBridge tells of it is read from a queue."""

import json
import time
from typing import Any

from verification.beliefs.belief import Belief, Finding, Unknown, held
from verification.beliefs.world import World
from verification.ground.retraining import output_of

_LOOKS = 12
_ERROR, _CAUSE = "Verification", "stopped to see the event"


def _members(world: World) -> Finding:
    machine = output_of(world.cloud, world.plan, "Training", "SampleWorkflowArn")
    name = f"{world.names.prefix}-probe"
    detail = _heard(world, name, machine)
    told = {member: type(value).__name__ for member, value in sorted(detail.items())}
    told |= {member: detail[member] for member in ("status", "error", "cause") if member in detail}
    return held(detail.get("error") == _ERROR and detail.get("cause") == _CAUSE, told)


def _heard(world: World, name: str, machine: str) -> dict[str, Any]:
    """The detail of the event. Raises: Unknown, if none comes."""
    sqs, events = world.cloud.client("sqs"), world.cloud.client("events")
    queue = sqs.create_queue(QueueName=name, tags={"stage": world.plan.run})["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]
    pattern = {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [machine], "status": ["ABORTED"]},
    }
    rule = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": attributes["QueueArn"],
        "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": attributes["QueueArn"]}])
    return _read(world, machine, queue)


def _read(world: World, machine: str, queue: str) -> dict[str, Any]:
    """A new rule may take a minute to work: executions are stopped until one of them is told of."""
    sqs, machines = world.cloud.client("sqs"), world.cloud.client("stepfunctions")
    for _ in range(_LOOKS):
        started = machines.start_execution(stateMachineArn=machine, input=json.dumps({"force": False}))
        machines.stop_execution(executionArn=started["executionArn"], error=_ERROR, cause=_CAUSE)
        wait = int(min(world.pause, 10))
        answer = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=wait, MaxNumberOfMessages=1)
        for message in answer.get("Messages", []):
            detail: dict[str, Any] = json.loads(message["Body"])["detail"]
            return detail
        time.sleep(world.pause)
    raise Unknown("no event came")


BELIEFS = (
    Belief(
        "status-event-members",
        "The event of an execution's end has its error and its cause.",
        "constructs/workflow/unnoticed_endings.py",
        _members,
    ),
)
