"""A local cloud whose clock is moved: what functions and executions see of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_cloud.ground.clock import NAME, Clock
from tests.local_cloud.support.functions import invoke, with_function
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.stacks import Stack, Stacks

CODE = """
import time
from datetime import UTC, date, datetime, timedelta

began = datetime.now(UTC)

def handler(event, context):
    then = datetime.fromisoformat("2026-11-20T06:00:00+00:00")
    return {
        "time": time.time(),
        "now": datetime.now(UTC).timestamp(),
        "naive": datetime.utcnow().replace(tzinfo=UTC).timestamp(),
        "monotonic": time.monotonic(),
        "left": context.get_remaining_time_in_millis(),
        "kinds": [isinstance(v, datetime) for v in (then, began, then + timedelta(days=1), 1, date.today())],
        "hour": datetime(2026, 11, 20, 6, tzinfo=UTC) == then,
    }
"""


@pytest.fixture
def clock(aws: LocalAws) -> Iterator[Clock]:
    folder = aws.settings.state_dir
    yield Clock(folder)
    (folder / NAME).unlink(missing_ok=True)


def asked(stack: Stack) -> dict[str, Any]:
    return dict(invoke(stack)["Payload"])


def near(seconds: float, moment: datetime) -> bool:
    return abs(seconds - moment.timestamp()) < 60


def test_functions_see_the_clock_as_it_is_moved_and_keep_their_time(stacks: Stacks, clock: Clock) -> None:
    stack = stacks.create(with_function(CODE, Timeout=60))
    here = datetime.now(UTC)
    assert near(asked(stack)["time"], here)

    before = {}
    for days in (-14, -13, 0):
        clock.move(here + timedelta(days=days))
        seen = asked(stack)
        assert all(near(seen[name], here + timedelta(days=days)) for name in ("time", "now", "naive")), days
        assert 0 < seen["left"] <= 60_000
        assert seen["kinds"] == [True, True, True, False, False]
        assert seen["hour"]
        before[days] = seen["monotonic"]

    assert before[-13] - before[-14] > 86_000  # what is remembered for seconds is old a day later


def test_executions_start_by_the_clock(aws: LocalAws, clock: Clock) -> None:
    states = {"Say": {"Type": "Pass", "Output": "{% $states.context.Execution.StartTime %}", "End": True}}
    clock.move(datetime(2026, 3, 1, 6, 0, 0, tzinfo=UTC))

    ended = aws.ended(aws.start(states))

    assert ended["output"].startswith('"2026-03-01T06:0')
    assert near(ended["startDate"].timestamp(), clock.now())
    assert ended["startDate"] <= ended["stopDate"]
