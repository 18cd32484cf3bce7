"""RedriveExecution, which moto lacks: an execution that did not succeed goes on at the state where it ended.

Of a Distributed Map, only the child executions that did not succeed run again, each from where it ended.
"""

import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Lock, Thread
from typing import Any

from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult
from moto.stepfunctions.parser.api import ExecutionStatus, HistoryEventType, MapRunStatus, StateMachineType
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap
from moto.stepfunctions.parser.asl.component.state.exec.state_parallel.state_parallel import StateParallel
from moto.stepfunctions.parser.utils import TMP_THREADS
from moto.stepfunctions.responses import StepFunctionResponse

from local_cloud.interpreter.executions import resuming

_log = logging.getLogger(__name__)
_ENDED_BADLY = (ExecutionStatus.FAILED, ExecutionStatus.ABORTED, ExecutionStatus.TIMED_OUT)
_one_at_a_time = Lock()


class ExecutionNotRedrivable(AWSError):
    TYPE = "ExecutionNotRedrivable"
    STATUS = 400


class UnsupportedRedrive(AWSError):
    """Nothing of AWS: said loudly instead of doing something else than AWS would."""

    TYPE = "NotImplemented"
    STATUS = 501


def described(execution: Any) -> dict[str, Any]:
    """What DescribeExecution says about redriving."""
    count = getattr(execution, "redrive_count", 0)
    answer: dict[str, Any] = {"redriveCount": count}
    if count:
        answer["redriveDate"] = execution.redrive_date
    if execution.exec_status in _ENDED_BADLY and execution.sm_type == StateMachineType.STANDARD:
        return answer | {"redriveStatus": "REDRIVABLE"}
    reason = f"Execution is {execution.status} and cannot be redriven"
    return answer | {"redriveStatus": "NOT_REDRIVABLE", "redriveStatusReason": reason}


def _new_environment(execution: Any, worker: Any) -> tuple[Any, Any]:
    """The program and an environment for it, both at the place where the execution ended."""
    program, env = worker._get_evaluation_entrypoint(), worker._get_evaluation_environment()
    old = execution.exec_worker.env
    place = resuming.place_of(old) if old is not None else None
    if place is None:
        return program, env
    state = program._get_state(place.state)
    inline = isinstance(state, StateMap) and getattr(state, "distributed", None) is None
    if inline or isinstance(state, StateParallel):
        raise UnsupportedRedrive(
            f"the local cloud redrives no execution that ended in a Parallel or an inline Map: {place.state}"
        )
    resuming.put(env, place)
    env.event_manager = old.event_manager
    env.map_run_record_pool_manager = old.map_run_record_pool_manager
    if isinstance(state, StateMap):
        newest = getattr(env.map_run_record_pool_manager, "newest", None)
        if newest is not None and newest.status != MapRunStatus.SUCCEEDED:
            env.map_run_record_pool_manager.redriven = newest
    return resuming.starting_at(program, place.state), env


def _redrive(execution: Any, announce: Callable[[Any], None]) -> datetime:
    with _one_at_a_time:
        if execution.exec_status not in _ENDED_BADLY or execution.sm_type != StateMachineType.STANDARD:
            raise ExecutionNotRedrivable(
                f"Execution '{execution.exec_arn}' is {execution.status} and cannot be redriven"
            )
        worker = execution._get_start_execution_worker()
        program, env = _new_environment(execution, worker)
        worker.env = env
        now = datetime.now(tz=UTC)
        with execution.ending:
            execution.exec_worker = worker
            execution.redrive_count = getattr(execution, "redrive_count", 0) + 1
            execution.redrive_date, execution.stop_date = now, None
            execution.error = execution.cause = execution.output = None
            execution.exec_status = ExecutionStatus.RUNNING
    details: Any = {"executionRedrivenEventDetails": {"redriveCount": execution.redrive_count}}
    env.event_manager.add_event(
        context=env.event_history_context,
        event_type=HistoryEventType.ExecutionRedriven,
        event_details=details,
    )
    announce(execution)
    thread = Thread(target=worker.go_on, args=(program,), daemon=True, name="redriven execution")
    TMP_THREADS.append(thread)
    thread.start()
    return now


def install(announce: Callable[[Any], None]) -> None:
    """announce: tells of an execution's new status. Raises: RuntimeError, if moto can redrive."""

    def redrive_execution(self: Any) -> ActionResult:
        execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
        _log.info("redrive %s", json.dumps(execution.exec_arn))
        return ActionResult({"redriveDate": _redrive(execution, announce)})

    if hasattr(StepFunctionResponse, "redrive_execution"):
        raise RuntimeError("this version of moto can redrive executions: see whether ours is still needed")
    setattr(StepFunctionResponse, "redrive_execution", redrive_execution)  # noqa: B010
