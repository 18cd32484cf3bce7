"""The handlers of ramps as they are called, and what they read: items, reports, comparisons, figures."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from pipeline.storage import Bucket
from steps.experiments import ramp_experiment, watch_experiment
from tests.app.support.experiments.experimenting import experiment, put_experiment
from tests.app.support.in_memory import client

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=128, invoked_function_arn="arn", aws_request_id="id"
)
STEPS = [
    {"phase": "shadow", "hours": 24},
    {"phase": "aa", "hours": 24},
    {"phase": "running", "hours": 24, "treated": 1_000},
    {"phase": "running", "hours": 24, "treated": 5_000},
    {"phase": "full", "hours": 0, "heldBack": 200, "approval": True, "decided": True},
]
PLAN = {"default": "personalize", "treatment": "own", "steps": STEPS, "limits": {}}

LONG_AGO = (datetime.now(UTC) - timedelta(days=3)).isoformat()
PLACE = {"apiId": "api"}


def mails(queue: str) -> list[dict[str, Any]]:
    answer = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    return [json.loads(message["Body"]) for message in answer.get("Messages", ())]


def ramp(said: str = "") -> dict[str, Any]:
    request = {"useCase": "posts", "plan": PLAN, "said": said, **PLACE}
    return dict(ramp_experiment.lambda_handler(request, CONTEXT))


def watch() -> dict[str, Any]:
    return dict(watch_experiment.lambda_handler({"useCase": "posts", "limits": {}, **PLACE}, CONTEXT))


def put(dynamodb: Any, **changes: Any) -> None:
    put_experiment(
        dynamodb, "posts", experiment(**{"changed_at": LONG_AGO, "started_at": LONG_AGO, **changes})
    )


def compared(bucket: Bucket, *blocks: str) -> None:
    found = {"format": 1, "run": "r2", "blocks": [{"words": words} for words in blocks]}
    bucket.write_json("comparisons/posts/20270101T000000000/personalize-own.json", found | {"run": "r1"})
    bucket.write_json("comparisons/posts/20270102T000000000/personalize-own.json", found)


def reported(bucket: Bucket, *, name: str, right: bool = True, verdict: str = "ship") -> None:
    found = {
        "format": 1,
        "day": (datetime.now(UTC) - timedelta(days=1)).date().isoformat(),
        "split": {"right": right},
        "decision": {"verdict": verdict, "words": f"{verdict}: as measured"},
        "guardrails": [],
    }
    bucket.write_json(f"measured/use_case=posts/reports/{name}/newest.json", found)


def figure(name: str, value: float, **dimensions: str) -> None:
    client("cloudwatch").put_metric_data(
        Namespace="Recommendations",
        MetricData=[
            {
                "MetricName": name,
                "Timestamp": datetime.now(UTC) - timedelta(minutes=3),
                "Value": value,
                "Dimensions": [{"Name": k, "Value": v} for k, v in {"stage": "test", **dimensions}.items()],
            }
        ],
    )


NAME = "".join(sign for sign in LONG_AGO if sign.isalnum())
