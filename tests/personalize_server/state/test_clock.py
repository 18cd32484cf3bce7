"""What has been reached stays reached, whatever anybody does to the machine's clock."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_server.facts.timing import Timing
from personalize_server.state import store as stores
from personalize_server.state.clock import Moment, SteadyClock
from personalize_server.state.lifecycle import gone, status
from personalize_server.state.store import Record, Store

_HOUR = 3600.0
_REALISTIC = Timing("realistic", {"Campaign": 600.0})


@dataclass
class _Machine:
    wall: float = 1_000_000.0
    monotonic: float = 50.0
    boot: str = "first"

    def clock(self, known: Moment | None = None) -> SteadyClock:
        return SteadyClock(known, wall=lambda: self.wall, monotonic=lambda: self.monotonic, boot=self.boot)

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.monotonic += seconds


def test_a_clock_set_back_goes_on_from_where_it_was() -> None:
    machine = _Machine()
    clock = machine.clock()
    before = clock.now()
    machine.wall -= _HOUR
    machine.passes(10)
    assert clock.now() == before + 10


def test_a_clock_set_forward_is_followed_as_after_a_sleep_of_the_machine() -> None:
    machine = _Machine()
    clock = machine.clock()
    machine.wall += _HOUR
    assert clock.now() == machine.wall


def test_another_process_of_the_same_start_of_the_machine_tells_the_same_time() -> None:
    machine = _Machine()
    clock = machine.clock()
    known = clock.moment()
    machine.wall -= _HOUR
    machine.passes(30)
    assert machine.clock(known).now() == clock.now()


def test_after_a_new_start_of_the_machine_it_is_not_earlier_than_before() -> None:
    machine = _Machine()
    known = machine.clock().moment()
    later = _Machine(wall=machine.wall - _HOUR, monotonic=5.0, boot="second")
    assert later.clock(known).now() == known.wall
    later.wall = known.wall + 60
    assert later.clock(known).now() == known.wall + 60


@given(st.lists(st.tuples(st.floats(-1e5, 1e5), st.floats(0, 1e5), st.booleans()), max_size=20))
def test_it_never_goes_back(steps: list[tuple[float, float, bool]]) -> None:
    machine = _Machine()
    clock, told = machine.clock(), 0.0
    for jump, seconds, restarted in steps:
        machine.wall += jump
        machine.passes(seconds)
        if restarted:
            known = clock.moment()
            assert known.wall >= told
            clock = machine.clock(known)
        now = clock.now()
        assert now >= told
        told = now


def _record(**changes: object) -> Record:
    values = {"arn": "a", "kind": "Campaign", "account": "1", "region": "r", "name": "n", "body": {}}
    return Record(**{**values, "created": 1.0, "updated": 1.0, **changes})  # type: ignore[arg-type]


def test_states_are_kept_over_a_restart_with_the_clock_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = _Machine()
    monkeypatch.setattr(stores, "SteadyClock", machine.clock)
    path = tmp_path / "state"
    with closing(Store(path)) as store:
        store.insert(_record(phase_since=store.now()))
        machine.passes(_REALISTIC.creating("Campaign") + 1)
        store.insert(_record(arn="b", phase="delete", phase_since=store.now()))
        machine.passes(_REALISTIC.deleting("Campaign") + 1)
        store.insert(_record(arn="c", kind="Filter", phase_since=store.now()))
    machine.wall -= 24 * _HOUR
    with closing(Store(path)) as store:
        created, deleted = store.get("a"), store.get("b")
        assert created is not None and status(created, store.now(), _REALISTIC) == "ACTIVE"
        assert deleted is not None and gone(deleted, store.now(), _REALISTIC)
        assert status(created, machine.wall, _REALISTIC) == "CREATE PENDING", "by the machine's clock alone"


def test_time_is_kept_now_and_then_where_nothing_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = _Machine()
    monkeypatch.setattr(stores, "SteadyClock", machine.clock)
    path = tmp_path / "state"
    with closing(Store(path)) as store:
        machine.passes(_HOUR)
        with store.transaction():
            pass
    told = machine.wall
    machine.wall -= 24 * _HOUR
    machine.monotonic, machine.boot = 0.0, "second"
    with closing(Store(path)) as store:
        assert store.now() == told


@pytest.mark.parametrize("phase", ["create", "start", "stop", "delete"])
def test_what_ends_at_once_has_ended_for_a_process_whose_clock_is_a_little_behind(phase: str) -> None:
    record = _record(kind="Recommender", phase=phase, phase_since=1_000.0, work="done")

    assert status(record, 999.99, Timing("instant")) in ("ACTIVE", "INACTIVE", None)
    assert gone(record, 999.99, Timing("instant")) is (phase == "delete")
