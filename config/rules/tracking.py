"""What the tracking of a use case must obey."""

from collections.abc import Iterator
from functools import partial

from config.types.errors import Problem
from config.types.mistakes import must_be
from config.types.tracking import IMPRESSION, Conversion, Tracking
from config.types.use_case import UseCase

_KEPT_DAYS = 400
_EVENT_TYPE = "one of the use case's event_types"
_KNOWN_TO_EVENTS = ("USER_ID", "ITEM_ID", "EVENT_TYPE", "TIMESTAMP")


def tracking_problems(use_case: UseCase) -> Iterator[Problem]:
    if use_case.tracking:
        yield from _event_problems(use_case, use_case.tracking)
        yield from _training_problems(use_case, use_case.tracking)
        yield from _conversion_problems(use_case, use_case.tracking.conversion)


def _event_problems(use_case: UseCase, tracking: Tracking) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    known = [event.name for event in use_case.event_types]
    if any(name.lower() == IMPRESSION for name in known):
        yield about("event_types", IMPRESSION, "stands for what was shown; name the event type otherwise")
    if not tracking.actions:
        yield about("tracking.actions", tracking.actions, "must name what the recommendations should lead to")
    for name in tracking.actions:
        if name not in known:
            yield about("tracking.actions", name, must_be(_EVENT_TYPE, name, known))
        if tracking.actions.count(name) > 1:
            yield about("tracking.actions", name, "must not be named twice")
    if tracking.event_tracker and use_case.personalize is None:
        rule = "is Amazon Personalize's: needs the variant personalize; trains_on needs none"
        yield about("tracking.event_tracker", tracking.event_tracker, rule)
    if tracking.event_tracker or tracking.trains_on:
        for column in use_case.interactions.columns:
            if column.name not in _KNOWN_TO_EVENTS and not column.nullable:
                yield about(
                    "interactions",
                    column.name,
                    "must be nullable, because tracked events do not have this column",
                )


def _training_problems(use_case: UseCase, tracking: Tracking) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    known = [event.name for event in use_case.event_types]
    for name in tracking.trains_on:
        if name not in known:
            yield about("tracking.trains_on", name, must_be(_EVENT_TYPE, name, known))
    if tracking.trains_on and tracking.event_tracker:
        yield about(
            "tracking.trains_on",
            tracking.trains_on,
            "must be empty with an event tracker, whose events are part of the training already",
        )
    if not 1 <= tracking.trained_days <= _KEPT_DAYS:
        yield about(
            "tracking.trained_days", tracking.trained_days, f"must be 1 to {_KEPT_DAYS}, as events are kept"
        )


def _conversion_problems(use_case: UseCase, conversion: Conversion) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    if not 0 < conversion.goal < 1:
        yield about("tracking.conversion.goal", conversion.goal, "must be a share between 0 and 1")
    if not 0 <= conversion.floor <= conversion.goal:
        yield about(
            "tracking.conversion.floor", conversion.floor, f"must be from 0 to the goal ({conversion.goal})"
        )
    if conversion.minimum_impressions < 1:
        yield about(
            "tracking.conversion.minimum_impressions", conversion.minimum_impressions, "must be at least 1"
        )
