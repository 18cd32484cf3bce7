"""Stopping an execution that has only just been started."""

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from moto.stepfunctions.parser.api import ExecutionStatus

from local_cloud.interpreter.executions.execution import _stop
from local_cloud.interpreter.executions.resuming import Place

RUNNING = object()


@dataclass
class Environment:
    """Of a program whose thread has not come to its first state."""

    state: Any = None
    entered: Place | None = None

    def program_state(self) -> Any:
        return self.state

    def is_running(self) -> bool:
        return self.state is not None


@dataclass
class Worker:
    env: Environment | None = None
    heard_in: list[Place | None] = field(default_factory=list)

    def stop(self, **_: Any) -> None:
        assert self.env is not None
        self.heard_in.append(self.env.entered)


def test_the_program_hears_of_a_stop_once_it_is_in_its_first_state() -> None:
    """Before, the interpreter would skip the program, and its history would have no end."""
    worker = Worker()
    execution = SimpleNamespace(
        ending=threading.Lock(), exec_status=ExecutionStatus.ABORTED, exec_worker=worker
    )
    stopping = threading.Thread(target=_stop, args=(execution, datetime.now(tz=UTC), None, None), daemon=True)
    stopping.start()
    for step in (Environment(), Environment(RUNNING)):
        worker.env = step
        stopping.join(0.1)
        assert worker.heard_in == []

    first = Place("First", {}, {})
    worker.env = Environment(RUNNING, first)
    stopping.join(30)

    assert worker.heard_in == [first]
