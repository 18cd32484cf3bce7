"""How a stage is switched from one region to another: the steps, in their order, and the names that regions
know each other's parts by. The state machine, the plan and the runbook are made of these steps.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.derived.names import app_name, name_in, notifications_table_name, serving_table_name
from config.types.notification import Notification
from config.types.stage_config import StageConfig
from config.types.use_case import UseCase

_LONGEST_SCHEDULE = 64


@dataclass(frozen=True, kw_only=True)
class SwitchStep:
    """key: by which the functions know it. title: of the state. does: in a sentence or two.

    if_asked: whether it is left out unless some region is asked to stop, as in an unplanned switch. there:
    whether it acts in the regions that are asked to stop, or in the one that becomes active.
    poll_seconds: between two looks, of a step that waits; limit_minutes: until it is given up.
    stuck: what to do if it fails.
    """

    key: str
    title: str
    does: str
    stuck: str
    if_asked: bool = False
    there: bool = False
    poll_seconds: int = 0
    limit_minutes: int = 0


SWITCH_STEPS = (
    SwitchStep(
        key="look",
        title="Look at all regions",
        does="Reads which region is active, here and in each other region that may be, but for those that "
        "are lost, and decides what is left to do. Nothing is changed if anything speaks against the switch.",
        stuck="The message has every reason. Nothing has been changed.",
    ),
    SwitchStep(
        key="stop",
        title="Stop the schedules",
        if_asked=True,
        there=True,
        does="Turns off the schedules of the region that is active. Whoever starts something by hand is "
        "stopped by the next step.",
        stuck="Begin the switch again once the region answers, or switch to the region that was active.",
    ),
    SwitchStep(
        key="drain",
        title="Drain",
        if_asked=True,
        there=True,
        does="Writes into the active region's epoch that it is draining: what runs there ends and publishes, "
        "and nothing begins.",
        stuck="Begin the switch again once the region answers, or switch to the region that was active.",
    ),
    SwitchStep(
        key="wait",
        title="Wait for what runs",
        if_asked=True,
        there=True,
        does="Waits until no training, notification or measurement runs in the region that was active. "
        "Ramps are not waited for: each look of theirs asks which region is active.",
        stuck="Stop the executions that the message names and begin the switch again, or switch to the "
        "region that was active: it goes on where it was.",
        poll_seconds=30,
        limit_minutes=8 * 60,
    ),
    SwitchStep(
        key="mark",
        title="Write marks",
        if_asked=True,
        there=True,
        does="Writes marks with many different keys into each replicated table of the region that was "
        "active, after all that it had to write, and notes what it serves.",
        stuck="Begin the switch again once the region answers.",
    ),
    SwitchStep(
        key="copies",
        title="Wait for the copies",
        if_asked=True,
        does="Waits, in the region that becomes active, until every mark has arrived, and the epoch that "
        "says draining, and each pointer as it stands there, and then once more. DynamoDB copies items in no "
        "order: marks are a sample, and pointers are compared one by one.",
        stuck="See the table's ReplicationLatency. Begin the switch again when copies arrive, or switch to "
        "the region that was active.",
        poll_seconds=5,
        limit_minutes=15,
    ),
    SwitchStep(
        key="raise",
        title="Begin the epoch",
        does="Writes the next epoch, by a condition: nobody else can begin the same one here. From now on "
        "this region is the active one, and the others are fenced as soon as they hear of it.",
        stuck="The message has every reason. If somebody else switched at the same time, look at the status.",
    ),
    SwitchStep(
        key="enable",
        title="Start the schedules",
        does="Turns on the schedules of the stage, those that the configuration turns on in its primary "
        "region, by name and no others.",
        stuck="The region is active already. Begin the same switch again: it goes on with what is left.",
    ),
    SwitchStep(
        key="verify",
        title="Verify",
        does="Waits until this region says of itself that it is active, its schedules are on, and each use "
        "case's pointer names lists that are there.",
        stuck="The region is active, and readers get the newest lists that are whole. Start a run of the use "
        "case that the message names, or roll it back, and begin the same switch again.",
        poll_seconds=10,
        limit_minutes=10,
    ),
    SwitchStep(
        key="report",
        title="Report",
        does="Writes what was done, when and by whose word into the data bucket, `switches/<run>.json`.",
        stuck="The switch is done. Begin the same switch again to write the record.",
    ),
)


def switch_name(stage: str) -> str:
    """Of the state machine, in every region that may be active."""
    return f"{app_name(stage)}-region-switch"


def region_function_name(stage: str) -> str:
    """Of the function that acts in its own region; fixed, because other regions call it."""
    return f"{app_name(stage)}-region"


def schedule_name(machine: str) -> str:
    """Of what starts a state machine; fixed, because a switch turns it on and off."""
    if len(machine) <= _LONGEST_SCHEDULE:
        return machine
    digits = hashlib.sha256(machine.encode()).hexdigest()[:8]
    return f"{machine[: _LONGEST_SCHEDULE - len(digits) - 1]}-{digits}"


def schedule_role_path(stage: str, region: str) -> str:
    """Of the roles of schedules: whoever turns one on or off hands its role on again."""
    return f"/{app_name(stage)}/{region}/schedules/"


@dataclass(frozen=True, kw_only=True)
class Estate:
    """What a switch has to do with, by names that are the same in every region of the stage.

    schedules: those that are on in the active region. machines: those that are waited for. tables: that are
    replicated. served: by use case, its variants.
    """

    schedules: tuple[str, ...]
    machines: tuple[str, ...]
    tables: tuple[str, ...]
    served: Mapping[str, tuple[str, ...]]


def estate_of(
    stage: StageConfig, use_cases: Sequence[UseCase], notifications: Sequence[Notification]
) -> Estate:
    """stage: as configured, of whose primary region the schedules' states are."""
    notifying = stage.notifications
    training = [name_in(stage.name, use_case.name) for use_case in use_cases]
    telling = [name_in(stage.name, notification.name) for notification in notifications if notifying]
    ramped = [name_in(stage.name, case.name) for case in use_cases if case.ramp_in(stage.name)]
    measuring, ramping = [f"{name}-measurement" for name in ramped], [f"{name}-ramp" for name in ramped]
    scheduled = [
        *(training if stage.schedule.enabled else ()),
        *(telling if notifying and notifying.enabled else ()),
        *ramping,
        *measuring,
    ]
    told = (notifications_table_name(stage.name),) if notifying else ()
    return Estate(
        schedules=tuple(schedule_name(name) for name in scheduled),
        machines=(*training, *telling, *measuring),
        tables=(serving_table_name(stage.name), *told),
        served={case.name: tuple(variant.name for variant in case.variants) for case in use_cases},
    )
