"""The function that takes events and attributes into the queue, and its routes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.access import Access
from constructs.ground.http_api import HttpApi
from constructs.ground.python_function import PythonFunction, PythonFunctionProps

_ROUTES = (
    ("POST", "/v1/events"),
    ("PUT", "/v1/users/{userId}/attributes"),
    ("PUT", "/v1/items/{itemId}/attributes"),
)
_LARGEST_SETTINGS = 3500
"""Lambda takes 4 KB of environment altogether."""


@dataclass(frozen=True, kw_only=True)
class PostedProps:
    """event_types: besides impressions. columns: of `users` and `items`, without the id, of those datasets
    whose records may be put one by one; name, type and what of nullable and textual is true.
    """

    event_types: tuple[str, ...]
    columns: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TrackingApiProps:
    """queue_name: the same in every region that has one. queue_regions: whose queues are sent to, the next
    one if one does not answer. use_cases: those that are tracked, by name.
    """

    api: HttpApi
    queue_name: str
    queue_regions: tuple[str, ...]
    use_cases: Mapping[str, PostedProps]
    environment: Mapping[str, str]
    retain_logs: bool = False


class TrackingApi(Construct):
    """In every region: what it acknowledges is in the queue of a region that may be active."""

    def __init__(self, scope: Construct, construct_id: str, props: TrackingApiProps) -> None:
        super().__init__(scope, construct_id)
        stack = cdk.Stack.of(self)
        self.function = PythonFunction(
            self,
            "Events",
            PythonFunctionProps(
                handler="api.events.lambda_handler",
                description="Takes events and attributes into the queue",
                environment={
                    **props.environment,
                    **props.api.environment,
                    "EVENTS_QUEUE": props.queue_name,
                    "EVENTS_QUEUE_ACCOUNT": stack.account,
                    "EVENTS_QUEUE_REGION": ",".join(props.queue_regions),
                    "TRACKED_USE_CASES": _settings(props.use_cases),
                },
                memory_mb=512,
                timeout_seconds=10,
                traced=True,
                retain_logs=props.retain_logs,
            ),
        )
        queues = (
            stack.format_arn(service="sqs", region=region, resource=props.queue_name)
            for region in props.queue_regions
        )
        self.function.allow(Access(actions=("sqs:GetQueueUrl", "sqs:SendMessage"), resources=tuple(queues)))
        for method, path in _ROUTES:
            props.api.add_route(method, path, self.function)

    @property
    def all(self) -> dict[str, PythonFunction]:
        """By the entry's name."""
        return {"events": self.function}


def _settings(use_cases: Mapping[str, PostedProps]) -> str:
    """JSON, as pipeline.tracking.use_cases reads it."""
    told = {
        name: {
            "eventTypes": list(case.event_types),
            "actions": [],
            "attributes": {
                dataset: {"columns": [dict(column) for column in columns]}
                for dataset, columns in case.columns.items()
            },
        }
        for name, case in use_cases.items()
    }
    text = json.dumps(told, separators=(",", ":"))
    if len(text) > _LARGEST_SETTINGS:
        raise ValueError(
            f"the columns of {len(told)} use cases have {len(text)} characters, and a function's environment "
            f"has room for {_LARGEST_SETTINGS}: track fewer use cases"
        )
    return text
