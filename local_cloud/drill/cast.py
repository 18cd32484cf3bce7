"""Which use cases and which notification of the configuration play in the drill."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.schema import EndpointKind, Notification, StageConfig, UseCase
from config.types.demonstration import Demo, Loader, NoData

_FOR_USERS = (EndpointKind.LIST, EndpointKind.FEED, EndpointKind.DIRECTORY)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """few: fills the database. tracked: of which events are posted. learned: the type of those that it is
    trained on. paths: of lists for a person, by use case, the tracked one first: all are trained and read.
    """

    few: Loader
    tracked: str
    learned: str
    notification: str
    paths: dict[str, str]


def cast(
    stage: StageConfig, use_cases: Sequence[UseCase], notifications: Sequence[Notification], demo: Demo | None
) -> Cast:
    """Of those that are in the stage's first region.

    Raises: NoData, with all that the drill needs and the configuration does not have.
    """
    for_users = {
        case.name: case.endpoint.path
        for case in use_cases
        if case.endpoint and case.endpoint.kind in _FOR_USERS and case.in_place(stage.name, stage.region)
    }
    tracked = [
        (case.name, case.tracking.trains_on[0])
        for case in use_cases
        if case.name in for_users and case.tracking and case.tracking.trains_on
    ]
    told = [each for each in notifications if each.use_case in for_users]
    if not (demo and tracked and told):
        missing = {
            "config/demo.py with data of few people": demo,
            "a use case with lists for people that is trained on tracked events (`trains_on`)": tracked,
            "a notification of a use case with lists for people": told,
        }
        raise NoData(
            f"the drill needs what is not configured: {'; '.join(n for n, v in missing.items() if not v)}"
        )
    (name, learned), notification = tracked[0], told[0]
    trained = dict.fromkeys((name, notification.use_case))
    return Cast(
        few=demo.few,
        tracked=name,
        learned=learned,
        notification=notification.name,
        paths={each: for_users[each] for each in trained},
    )
