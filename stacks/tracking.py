"""What becomes of posted events: queue, consumer, table of counters, event trackers."""

from collections.abc import Sequence

import aws_cdk as cdk
from constructs import Construct
from constructs.events.consumer import TIMEOUT_SECONDS, EventConsumer, EventConsumerProps, TrackedProps
from constructs.events.conversion import VARIANTS, ConversionProps
from constructs.events.queue import EventQueue, EventQueueProps
from constructs.storage.item_table import ItemTable, ItemTableProps

from config.derived.names import PersonalizeNames, events_queue_name, tracking_table_name
from config.derived.tables import TRACKING
from config.schema import DatasetType, StageConfig, UseCase
from stacks.data import DataStack
from stacks.props.function_environment import step_environment
from stacks.props.remembered import remembered_types


class TrackingStack(cdk.Stack):
    """In the primary region; the APIs of replicas send to this queue too."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        stage: StageConfig,
        use_cases: Sequence[UseCase],
        data: DataStack,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description=f"Recommendations, {stage.name}: events and conversion",
            termination_protection=stage.protected,
        )
        self.queue = EventQueue(
            self,
            "Events",
            EventQueueProps(name=events_queue_name(stage.name), visibility_seconds=6 * TIMEOUT_SECONDS),
        )
        self.table = ItemTable(
            self,
            "Counters",
            ItemTableProps(
                name=tracking_table_name(stage.name),
                retain=stage.keeps_data,
                protected=stage.protected,
                recovery_days=TRACKING.recovery_days(stage.backups),
            ),
        )
        self.consumer = EventConsumer(
            self,
            "Consumer",
            EventConsumerProps(
                use_cases={
                    use_case.name: _tracked(stage, use_case, data)
                    for use_case in use_cases
                    if use_case.tracking
                },
                queue=self.queue,
                table=self.table,
                active=data.active,
                data=data.bucket,
                environment=step_environment(stage),
                retain_logs=stage.keeps_data,
            ),
        )
        for construct_id, value, description in (
            ("EventsQueueUrl", self.queue.queue.queue_url, "Where the API puts events and attributes"),
            ("DeadLettersUrl", self.queue.dead_letters.queue_url, "Messages that could not be processed"),
            ("TrackingTableName", self.table.name, "Claims of events, and counters of their conversion"),
        ):
            cdk.CfnOutput(self, construct_id, value=value, description=description)


def conversion_props(stage: StageConfig, use_cases: Sequence[UseCase]) -> tuple[ConversionProps, ...]:
    return tuple(
        ConversionProps(
            use_case=use_case.name,
            goal=use_case.tracking.conversion.goal,
            floor=use_case.tracking.conversion.floor,
            minimum_impressions=use_case.tracking.conversion.minimum_impressions,
            variants=tuple(dict.fromkeys((*VARIANTS, *(variant.name for variant in use_case.variants)))),
            realtime=use_case.own_realtime_in(stage.name) is not None,
        )
        for use_case in use_cases
        if use_case.tracking
    )


def _tracked(stage: StageConfig, use_case: UseCase, data: DataStack) -> TrackedProps:
    assert use_case.tracking
    model = data.models.get(use_case.name)
    return TrackedProps(
        event_types=tuple(event.name for event in use_case.event_types),
        actions=use_case.tracking.actions,
        remembered=remembered_types(stage, use_case),
        dataset_group_arn=model.dataset_group_arn if model else None,
        tracker_name=PersonalizeNames(stage.name, use_case).event_tracker
        if use_case.tracking.event_tracker
        else None,
        datasets={
            dataset.value: model.dataset_arns[dataset.value]
            for dataset in (DatasetType.USERS, DatasetType.ITEMS)
            if model and dataset in use_case.datasets
        },
    )
