"""What becomes of posted events: trackers, and the function that empties the queue."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_personalize as personalize
from constructs import Construct
from constructs.events.queue import EventQueue
from constructs.ground.access import Access
from constructs.ground.construct_id import construct_id_of
from constructs.ground.python_function import PythonFunction, PythonFunctionProps
from constructs.storage.active_regions import ActiveRegions
from constructs.storage.data_bucket import EVENTS, DataBucket
from constructs.storage.item_table import ItemTable

TIMEOUT_SECONDS = 60
_BATCH = 300
_WINDOW_SECONDS = 5
_CONSUMERS = 5
"""At once: each tells Personalize of up to 80 events at a time, of at most 10,000 per second."""


@dataclass(frozen=True, kw_only=True)
class TrackedProps:
    """event_types: what may be posted besides impressions. actions: those that count as conversion.
    dataset_group_arn: in Amazon Personalize; None: nothing is there.
    tracker_name: of the event tracker, if Personalize is to be told of events as they happen.
    datasets: ARN by `users` and `items`, of those whose records may be put one by one.
    remembered: types of events that are kept by user, for a model that answers in real time.
    """

    event_types: tuple[str, ...]
    actions: tuple[str, ...]
    dataset_group_arn: str | None
    tracker_name: str | None = None
    datasets: Mapping[str, str] = field(default_factory=dict)
    remembered: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EventConsumerProps:
    """use_cases: by name. active: the table with the experiments, which say what arm an event's user has, and
    with the region whose Personalize hears of events.
    environment: of the function. seconds_to_gather: how long events wait for others to be processed with.
    """

    use_cases: Mapping[str, TrackedProps]
    queue: EventQueue
    table: ItemTable
    active: ActiveRegions
    data: DataBucket
    environment: Mapping[str, str]
    seconds_to_gather: int = _WINDOW_SECONDS
    retain_logs: bool = False


class EventConsumer(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: EventConsumerProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self.trackers = {
            name: self._tracker(name, use_case.tracker_name, use_case.dataset_group_arn)
            for name, use_case in props.use_cases.items()
            if use_case.tracker_name and use_case.dataset_group_arn
        }
        self.consumer = self._consumer()
        lambda_.EventSourceMapping(
            self,
            "Mapping",
            target=self.consumer.function,
            event_source_arn=props.queue.queue.queue_arn,
            batch_size=_BATCH,
            max_batching_window=cdk.Duration.seconds(props.seconds_to_gather),
            max_concurrency=_CONSUMERS,
            report_batch_item_failures=True,
        ).node.add_dependency(self.consumer.role)

    def _tracker(self, use_case: str, name: str, dataset_group_arn: str) -> personalize.CfnEventTracker:
        """A dataset group has one tracker at most; what it has recorded outlives it in the dataset group."""
        tracker = personalize.CfnEventTracker(
            self,
            f"{construct_id_of(use_case)}Tracker",
            name=name,
            dataset_group_arn=dataset_group_arn,
        )
        tracker.apply_removal_policy(cdk.RemovalPolicy.DESTROY)
        return tracker

    def _consumer(self) -> PythonFunction:
        props = self._props
        function = PythonFunction(
            self,
            "ConsumeEvents",
            PythonFunctionProps(
                handler="steps.consume_events.lambda_handler",
                description="Counts posted events, stores them, and tells Personalize of them",
                environment={
                    **props.environment,
                    "DATA_BUCKET": props.data.bucket.bucket_name,
                    "SERVING_TABLE": props.active.table.name,
                    **props.active.environment,
                    "TRACKING_TABLE": props.table.name,
                    "TRACKED_USE_CASES": self._use_cases(),
                },
                memory_mb=1024,
                timeout_seconds=TIMEOUT_SECONDS,
                traced=True,
                retain_logs=props.retain_logs,
            ),
        )
        function.allow(
            # Transactions need the rights of the writes that they are made of.
            Access(
                actions=(
                    "dynamodb:DeleteItem",
                    "dynamodb:GetItem",
                    "dynamodb:PutItem",
                    "dynamodb:Query",
                    "dynamodb:UpdateItem",
                ),
                resources=(props.table.table.table_arn,),
            ),
            props.active.table.items(("dynamodb:GetItem",), "experiment#*"),
            props.active.reading,
            Access(
                actions=("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
                resources=(props.queue.queue.queue_arn,),
            ),
            Access(
                actions=("s3:PutObject",),
                resources=(props.data.objects(EVENTS),),
                why="Each batch of events of each use case and day is an object of its own",
            ),
            Access(actions=("kms:GenerateDataKey",), resources=(props.data.key.key_arn,)),
        )
        if any(case.remembered for case in props.use_cases.values()):
            function.allow(props.table.items(("dynamodb:BatchWriteItem",), "recent#*"))
        if self.trackers:
            function.allow(
                Access(
                    actions=("personalize:PutEvents",),
                    resources=("*",),
                    why="PutEvents names its target by a tracking id: the action takes no resource",
                )
            )
        for dataset, action in (("users", "PutUsers"), ("items", "PutItems")):
            arns = [case.datasets[dataset] for case in props.use_cases.values() if dataset in case.datasets]
            if arns:
                function.allow(Access(actions=(f"personalize:{action}",), resources=tuple(arns)))
        return function

    def _use_cases(self) -> str:
        """JSON, as pipeline.tracking.use_cases reads it."""
        told = {
            name: {
                "eventTypes": list(case.event_types),
                "actions": list(case.actions),
                **({"trackingId": self.trackers[name].attr_tracking_id} if name in self.trackers else {}),
                **({"remembered": list(case.remembered)} if case.remembered else {}),
                "attributes": {dataset: {"arn": arn} for dataset, arn in case.datasets.items()},
            }
            for name, case in self._props.use_cases.items()
        }
        return cdk.Stack.of(self).to_json_string(told)
