"""An execution's life: its name, its end whatever ends it, and the events that say so."""

import json
import logging
import re
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from uuid import uuid4

from moto.stepfunctions.exceptions import InvalidName
from moto.stepfunctions.parser.api import ExecutionStatus
from moto.stepfunctions.parser.asl.component.eval_component import EvalComponent
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.program_state import (
    ProgramEnded,
    ProgramError,
    ProgramStopped,
    ProgramTimedOut,
)
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker
from moto.stepfunctions.parser.models import StepFunctionsParserBackend
from moto.stepfunctions.parser.utils import TMP_THREADS

from local_cloud.events import bus
from local_cloud.ground.clock import Clock
from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.ground.tally import TALLY
from local_cloud.ground.times import iso_text
from local_cloud.interpreter.executions import redrives, resuming
from local_cloud.judge.instance import installed
from local_cloud.judge.refusals import Refused

_log = logging.getLogger(__name__)
_SECONDS_TO_BEGIN = 30.0
_NAME = re.compile(r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}")


def _status(self: Any) -> str:
    """Stock moto fails for an execution that is listed but not started yet."""
    return str((self.exec_status or ExecutionStatus.RUNNING).value)


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


_METRICS = {
    ExecutionStatus.SUCCEEDED: "ExecutionsSucceeded",
    ExecutionStatus.FAILED: "ExecutionsFailed",
    ExecutionStatus.TIMED_OUT: "ExecutionsTimedOut",
    ExecutionStatus.ABORTED: "ExecutionsAborted",
}
"""in CloudWatch, by how an execution ends"""


def _announce(execution: Any) -> None:
    """The status change event of the documentation: aws.states, times in epoch milliseconds."""
    succeeded = execution.exec_status == ExecutionStatus.SUCCEEDED
    included = {"included": True}
    detail = {
        "executionArn": execution.exec_arn,
        "stateMachineArn": execution.state_machine_arn,
        "name": execution.name,
        "status": execution.status,
        "startDate": _milliseconds(execution.start_date),
        "stopDate": _milliseconds(execution.stop_date),
        "input": json.dumps(execution.input_data),
        "inputDetails": included,
        "output": json.dumps(execution.output) if succeeded else None,
        "outputDetails": included if succeeded else None,
        "error": execution.error,
        "cause": execution.cause,
    }
    try:
        bus.emit(
            account=execution.account_id,
            region=execution.region_name,
            source="aws.states",
            detail_type="Step Functions Execution Status Change",
            detail=detail,
            resources=[execution.exec_arn],
        )
    except Exception:
        _log.exception("the event about %s is lost", execution.exec_arn)


def _end(execution: Any, status: ExecutionStatus, error: str | None = None, cause: str | None = None) -> None:
    """The first end counts; the status is set last, as readers look at it before the rest."""
    with execution.ending:
        if execution.exec_status != ExecutionStatus.RUNNING:
            return
        execution.stop_date = execution.clock.now()
        execution.error, execution.cause = error, cause
        execution.exec_status = status
    if status != ExecutionStatus.SUCCEEDED:
        _log.warning("%s %s %s: %s", execution.exec_arn, status.value, error, cause)
    machine = ("StateMachineArn", execution.state_machine_arn)
    TALLY.add(execution.region_name, "AWS/States", machine, **{_METRICS[status]: 1})
    _announce(execution)
    # moto keeps every thread it ever started.
    TMP_THREADS[:] = [thread for thread in TMP_THREADS if thread.is_alive()]


def _reflect(self: Any, worker: Any = None) -> None:
    """A worker whose execution was stopped and redriven meanwhile has nothing to say any more."""
    execution = self.execution
    if worker is not None and worker is not execution.exec_worker:
        return
    env = execution.exec_worker.env
    match env.program_state():
        case ProgramEnded():
            execution.output = env.states.get_input()
            _end(execution, ExecutionStatus.SUCCEEDED)
        case ProgramStopped() as stopped:
            _end(execution, ExecutionStatus.ABORTED, stopped.error, stopped.cause)
        case ProgramError() as failed:
            error = failed.error or {}
            _end(execution, ExecutionStatus.FAILED, error.get("error"), error.get("cause"))
        case ProgramTimedOut():
            _end(execution, ExecutionStatus.TIMED_OUT)
        case state:
            raise RuntimeError(f"an execution ended in {state}")


def _has_begun(env: Any) -> bool:
    """Whether the program is in its first state or beyond, or over."""
    if env is None or env.program_state() is None:
        return False
    return resuming.place_of(env) is not None or not env.is_running()


def _stop(self: Any, stop_date: datetime, error: str | None, cause: str | None) -> None:
    """Aborted at once; stock moto waits for the running task, whose end may even make it FAILED."""
    _end(self, ExecutionStatus.ABORTED, error, cause)
    worker, deadline = self.exec_worker, time.monotonic() + _SECONDS_TO_BEGIN
    # One that has only just been started would run on, or end without a word in its history.
    while not _has_begun(worker.env) and time.monotonic() < deadline:
        time.sleep(0.01)
    if worker.env is not None:
        worker.stop(stop_date=stop_date, cause=cause, error=error)


def install(settings: Settings) -> None:
    clock = Clock(settings.state_dir)
    stock_init: Any = Execution.__init__
    stock_logic: Any = ExecutionWorker._execution_logic
    stock_environment = ExecutionWorker._get_evaluation_environment
    stock_start_execution = StepFunctionsParserBackend.start_execution
    stock_set_error = Environment.set_error

    def init(self: Any, **arguments: Any) -> None:
        """Runs are named by their start: those of a moved clock are in its order."""
        moved = timedelta(seconds=clock.away or 0.0)
        stock_init(self, **{**arguments, "start_date": arguments["start_date"] + moved})
        self.ending, self.clock = Lock(), clock

    def logic(self: Any) -> None:
        execution = self._execution_communication.execution
        _announce(execution)
        machine = execution.state_machine_arn
        try:
            installed().assume(
                execution.role_arn, "states.amazonaws.com", machine.rpartition(":")[2], machine
            )
        except Refused as refusal:
            _end(execution, ExecutionStatus.FAILED, "States.Runtime", str(refusal))
            return
        guarded(self, lambda: stock_logic(self))

    def go_on(self: Any, program: Any) -> None:
        """Of a redriven execution, whose environment is there already."""

        def run() -> None:
            program.eval(self.env)
            self._execution_communication.terminated()

        guarded(self, run)

    def guarded(worker: Any, run: Callable[[], None]) -> None:
        """Stock moto leaves an execution RUNNING for ever when its interpreter fails."""
        communication = worker._execution_communication
        execution = communication.execution
        communication.terminated = lambda: _reflect(communication, worker)
        try:
            run()
        except Exception as error:
            _log.exception("execution %s", execution.exec_arn)
            if worker is execution.exec_worker:
                _end(execution, ExecutionStatus.FAILED, "States.Runtime", f"{type(error).__name__}: {error}")

    def environment(self: Any) -> Any:
        """$states.context.Execution.StartTime is text, not Python's datetime."""
        env = stock_environment(self)
        execution = env.states.context_object.context_object_data["Execution"]
        started: Any = execution["StartTime"]
        execution["StartTime"] = iso_text(started)
        return env

    def start_execution(
        self: Any, state_machine_arn: str, name: str | None = None, *arguments: Any, **options: Any
    ) -> Any:
        """Stock moto gives all executions without a name one ARN."""
        if name is not None and not _NAME.fullmatch(name):
            raise InvalidName(f"Invalid Name: '{name}'")
        return stock_start_execution(self, state_machine_arn, name or str(uuid4()), *arguments, **options)

    def set_error(self: Any, error: Any) -> None:
        """What fails after a stop or a time-out does not make it a failure."""
        if not isinstance(self._program_state, ProgramStopped | ProgramTimedOut):
            stock_set_error(self, error)

    def say_nothing(self: Any, *_: Any, **__: Any) -> None:
        """Stock moto writes every component around a failure out in full."""

    replace(EvalComponent, "_log_failure_event_exception", say_nothing)
    replace(EvalComponent, "_log_exception", say_nothing)
    replace(Execution, "__init__", init)
    replace(Execution, "status", property(_status))
    replace(Execution, "stop", _stop)
    replace(BaseExecutionWorkerCommunication, "_reflect_execution_status", _reflect)
    replace(ExecutionWorker, "_execution_logic", logic)
    replace(ExecutionWorker, "_get_evaluation_environment", environment)
    setattr(ExecutionWorker, "go_on", go_on)  # noqa: B010
    redrives.install(_announce)
    replace(StepFunctionsParserBackend, "start_execution", start_execution)
    replace(Environment, "set_error", set_error)
