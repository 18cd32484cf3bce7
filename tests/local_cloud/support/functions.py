"""A function that does as its event says, in a stack, and its answers."""

import json
from typing import Any

from tests.local_cloud.support.stacks import Stack, function, role

CODE = """
import json, os, sys, time

calls = 0

class NotToday(Exception):
    pass

def handler(event, context):
    global calls
    calls += 1
    do = event.get("do")
    if do == "raise":
        raise NotToday("come back later")
    if do == "exit":
        os._exit(3)
    if do == "sleep":
        time.sleep(60)
    if do == "object":
        return object()
    if do == "print":
        print("a line")
        print("a warning", file=sys.stderr)
    if do == "metrics":
        metrics = [{"Name": "Rows", "Unit": "Count"}]
        directive = {"Namespace": "Test", "Dimensions": [["stage"]], "Metrics": metrics}
        now = int(time.time() * 1000)
        about = {"Timestamp": now, "CloudWatchMetrics": [directive]}
        print(json.dumps({"_aws": about, "stage": "x", "Rows": 7}))
    return {
        "calls": calls,
        "mark": os.environ.get("MARK"),
        "region": os.environ["AWS_REGION"],
        "request": context.aws_request_id,
        "function": context.invoked_function_arn,
        "memory": context.memory_limit_in_mb,
        "left": context.get_remaining_time_in_millis(),
        "event": event,
    }
"""


def with_function(code: str = CODE, **properties: Any) -> dict[str, Any]:
    return {"Role": role(), "Function": function(code, **properties)}


def invoke(stack: Stack, event: Any = None, **more: Any) -> dict[str, Any]:
    lambda_ = stack.stacks.aws.client("lambda")
    name = stack.id_of("Function")
    answer: dict[str, Any] = lambda_.invoke(FunctionName=name, Payload=json.dumps(event or {}), **more)
    payload = answer["Payload"].read()
    return {**answer, "Payload": json.loads(payload) if payload else None}
