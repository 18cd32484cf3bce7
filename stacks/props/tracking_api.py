"""From the configuration to the props of the function that takes events."""

from collections.abc import Mapping, Sequence

from constructs.events.tracking_api import PostedProps, TrackingApiProps
from constructs.ground.http_api import HttpApi

from config.derived.names import events_queue_name
from config.schema import Dataset, DatasetType, StageConfig, UseCase

_ID_COLUMNS = ("USER_ID", "ITEM_ID")


def tracking_api_props(
    stage: StageConfig,
    use_cases: Sequence[UseCase],
    *,
    region: str,
    api: HttpApi,
    environment: Mapping[str, str],
) -> TrackingApiProps:
    """region: of the API. A replica has no queue of its own, and sends to the first region that answers of
    those that may be active.
    """
    return TrackingApiProps(
        api=api,
        queue_name=events_queue_name(stage.name),
        queue_regions=(region,) if region == stage.region else stage.active_regions,
        use_cases={use_case.name: _posted(use_case) for use_case in use_cases if use_case.tracking},
        environment=environment,
        retain_logs=stage.keeps_data,
    )


def _posted(use_case: UseCase) -> PostedProps:
    """Attributes are told to Amazon Personalize between two trainings: without it there is nobody to tell."""
    return PostedProps(
        event_types=tuple(event.name for event in use_case.event_types),
        columns={
            kind.value: _columns(dataset)
            for kind, dataset in use_case.datasets.items()
            if kind is not DatasetType.INTERACTIONS and use_case.personalize
        },
    )


def _columns(dataset: Dataset) -> tuple[dict[str, str | bool], ...]:
    """Without what is the default where they are read."""
    return tuple(
        {name: value for name, value in column.as_json().items() if value and name != "categorical"}
        for column in dataset.columns
        if column.name not in _ID_COLUMNS
    )
