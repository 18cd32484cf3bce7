"""Alarms of functions: errors, throttles, and runs that come close to the time-out."""

from collections.abc import Mapping

import aws_cdk as cdk
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.ground.alarm import alarm
from constructs.ground.construct_id import construct_id_of
from constructs.ground.python_function import PythonFunction

_NEAR = 0.85
"""Of the time-out."""


class FunctionAlarms(Construct):
    """functions: by the step's name."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        functions: Mapping[str, PythonFunction],
        topic: sns.ITopic,
    ) -> None:
        super().__init__(scope, construct_id)
        for step, function in functions.items():
            place = Construct(self, construct_id_of(step))
            self._watch(place, step, function, topic)

    def _watch(self, place: Construct, step: str, function: PythonFunction, topic: sns.ITopic) -> None:
        period = cdk.Duration.minutes(5)
        alarm(
            place,
            "Errors",
            function.function.metric_errors(statistic="Sum", period=period),
            topic=topic,
            remedy="A function failed",
            what=f"The function {step} failed.",
            todo="Its log has the error with use case and run; the run's own message names the cause.",
        )
        alarm(
            place,
            "Throttles",
            function.function.metric_throttles(statistic="Sum", period=period),
            topic=topic,
            remedy="Calls of a function were turned away",
            what=f"Calls of the function {step} were turned away: the account's concurrency is used up.",
            todo="See which functions use it, and ask for a higher quota.",
        )
        seconds = function.timeout_seconds * _NEAR
        alarm(
            place,
            "NearTimeout",
            function.function.metric_duration(statistic="Maximum", period=period),
            topic=topic,
            threshold=seconds * 1000,
            remedy="A function takes nearly all of its time",
            what=f"The function {step} took {seconds:g} of its {function.timeout_seconds} seconds.",
            todo="Find out what grew; give it more memory, smaller shards, or a narrower query.",
        )
