"""Distributed Map: readers, batches, tolerated failures and result files, which moto lacks or ignores."""

import copy
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from moto.stepfunctions.parser.api import HistoryEventType, MapRunStatus
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor import (
    map_run_record,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.state_map import StateMap

from local_cloud.ground.clients import client
from local_cloud.ground.patching import replace
from local_cloud.ground.settings import Settings
from local_cloud.interpreter.maps import children as map_children
from local_cloud.interpreter.maps import results
from local_cloud.interpreter.maps.children import Child
from local_cloud.interpreter.maps.fields import MapFields
from local_cloud.interpreter.maps.item_readers import ItemReaderFailed, read_items
from local_cloud.interpreter.queries.evaluation import EvaluationError, evaluate_template
from local_cloud.interpreter.states.expressions import query_failure, variables_of
from local_cloud.interpreter.states.failures import failure
from local_cloud.judge.actions.need import Need
from local_cloud.judge.instance import installed
from local_cloud.judge.refusals import Refused

# Child executions at once when MaxConcurrency asks for more, or for no limit: threads of one process.
_MOST_THREADS = 40


@dataclass(frozen=True)
class _Scope:
    """Evaluates the map's fields as its own state sees them."""

    env: Any
    variables: dict[str, Any]

    def value(self, template: Any, field: str) -> Any:
        try:
            return evaluate_template(template, self.variables)
        except EvaluationError as error:
            raise query_failure(self.env, f"The JSONata expression of the field '{field}' {error}") from error

    def of_item(self, index: int, item: Any) -> "_Scope":
        states = self.variables["states"]
        context = {**states["context"], "Map": {"Item": {"Index": index, "Value": item}}}
        return _Scope(self.env, {**self.variables, "states": {**states, "context": context}})


def _failure(env: Any, error: Any, cause: str) -> FailureEventException:
    return failure(env, error, cause, event=HistoryEventType.MapRunFailed, details="mapRunFailedEventDetails")


def _record(env: Any, event: Any, **details: dict[str, Any]) -> None:
    values: Any = details
    env.event_manager.add_event(context=env.event_history_context, event_type=event, event_details=values)


def _s3(env: Any, settings: Settings) -> Any:
    details = env.aws_execution_details
    return client(settings, "s3", details.region, installed().machine_keys(details.role_arn))


def _may_run_children(env: Any) -> None:
    """A map starts executions of its own state machine, with that one's role."""
    machine = env.states.context_object.context_object_data["StateMachine"]["Id"]
    authority = installed()
    keys = authority.machine_keys(env.aws_execution_details.role_arn)
    try:
        authority.role_needs(keys, [Need(action="states:StartExecution", resource=machine)])
    except Refused as refusal:
        raise _failure(env, StatesErrorNameType.StatesPermissions, str(refusal)) from None


def _items(scope: _Scope, state: Any, settings: Settings) -> list[Any]:
    fields: MapFields = state.distributed
    if fields.reader is None:
        if state.items is None:
            items = scope.env.states.get_input()
        else:
            state.items.eval(env=scope.env)
            items = scope.env.stack.pop()
        if not isinstance(items, list):
            raise query_failure(
                scope.env, f"Map state input must be an array but was: {type(items).__name__}"
            )
        return items
    arguments = scope.value(fields.reader.get("Arguments", {}), "Arguments")
    max_items = scope.value(fields.reader.get("ReaderConfig", {}).get("MaxItems"), "MaxItems")
    s3 = _s3(scope.env, settings)
    try:
        return read_items(fields, arguments, max_items, s3)
    except (ItemReaderFailed, BotoCoreError, ClientError) as error:
        raise _failure(scope.env, StatesErrorNameType.StatesItemReaderFailed, str(error)) from error


def _inputs(scope: _Scope, fields: MapFields, items: list[Any]) -> list[Any]:
    """One input per child execution."""
    if fields.selector is not None:
        items = [
            scope.of_item(index, item).value(fields.selector, "ItemSelector")
            for index, item in enumerate(items)
        ]
    if fields.batcher is None:
        return items
    most = scope.value(fields.batcher.get("MaxItemsPerBatch"), "MaxItemsPerBatch") or len(items) or 1
    most_bytes = scope.value(fields.batcher.get("MaxInputBytesPerBatch"), "MaxInputBytesPerBatch")
    shared = scope.value(fields.batcher.get("BatchInput"), "BatchInput")
    head = {} if shared is None else {"BatchInput": shared}
    batches: list[list[Any]] = []
    for item in items:
        full = not batches or len(batches[-1]) >= most
        if full or (most_bytes and len(json.dumps({**head, "Items": [*batches[-1], item]})) > most_bytes):
            batches.append([])
        batches[-1].append(item)
    return [{**head, "Items": batch} for batch in batches]


def _tolerated(scope: _Scope, fields: MapFields, children: int) -> float:
    """How many children may fail: of both tolerances the one that is reached first; without any, none."""
    count = scope.value(fields.tolerated_count, "ToleratedFailureCount")
    percentage = scope.value(fields.tolerated_percentage, "ToleratedFailurePercentage")
    allowed = [float(count)] if count is not None else []
    if percentage is not None:
        allowed.append(children * float(percentage) / 100)
    return min(allowed, default=0.0)


def _run_children(scope: _Scope, state: Any, record: Any, children: list[Child], tolerated: float) -> None:
    """Those that did not succeed yet, in their order; those after too many failures are not started."""
    program = state.iteration_component._get_iteration_program()
    workers = min(record.max_concurrency or _MOST_THREADS, _MOST_THREADS)
    failed = record.execution_counter.failed

    def run(child: Child) -> None:
        if failed.get() <= tolerated and scope.env.is_running():
            map_children.run(child, program, scope.env, record)

    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="map-run") as threads:
        list(threads.map(run, [child for child in children if not child.succeeded]))


def _children(scope: _Scope, state: Any, record: Any, settings: Settings) -> list[Child]:
    """New ones, or in a redriven execution those of its earlier attempt."""
    if record.attempt is not None:
        children = [child if child.succeeded else child.redriven() for child in record.attempt]
        record.execution_counter = type(record.execution_counter)()
        record.item_counter = type(record.item_counter)()
        done = sum(child.succeeded for child in children)
        record.execution_counter.total.count(done)
        record.execution_counter.succeeded.count(done)
    else:
        inputs = _inputs(scope, state.distributed, _items(scope, state, settings))
        children = [Child.of(record, value) for value in inputs]
    record.item_counter.total.count(sum(len(map_children.items(child)) for child in children))
    record.attempt = children
    return children


def _record_of(env: Any, state: Any, max_concurrency: int) -> tuple[Any, bool]:
    """The record of this map's run, and whether it is one that is redriven."""
    # A state is evaluated in a frame of its own; the pool is what all frames of an execution share.
    pool = env.map_run_record_pool_manager
    record: Any = pool.__dict__.pop("redriven", None)
    if record is not None:
        record.owner, record.status, record.stop_date = env, MapRunStatus.RUNNING, None
        return record, True
    identity = env.states.context_object.context_object_data
    record = map_run_record.MapRunRecord(
        state_machine_arn=identity["StateMachine"]["Id"],
        execution_arn=identity["Execution"]["Id"],
        max_concurrency=max_concurrency,
        tolerated_failure_count=0,
        tolerated_failure_percentage=0.0,
        label=state.label.label if state.label else state.name.replace(" ", ""),
    )
    record.owner, record.attempt = env, None
    pool.newest = record
    pool.add(record)
    return record, False


def _stop(record: Any, env: Any, status: Any) -> None:
    """Unless the run was redriven meanwhile."""
    if record.owner is env:
        record.set_stop(status=status)


def _map_run(scope: _Scope, state: Any, record: Any, settings: Settings) -> Any:
    fields: MapFields = state.distributed
    _may_run_children(scope.env)
    children = _children(scope, state, record, settings)
    tolerated = _tolerated(scope, fields, len(children))
    record.tolerated_failure_count = int(tolerated)
    _run_children(scope, state, record, children, tolerated)
    if not scope.env.is_running():
        return None
    record.item_counter.succeeded.count(sum(len(map_children.items(c)) for c in children if c.succeeded))
    record.item_counter.failed.count(sum(len(map_children.items(c)) for c in children if c.failed))
    result: Any = [child.output for child in children]
    if fields.writer is not None:
        target = scope.value(fields.writer["Arguments"], "ResultWriter")
        s3 = _s3(scope.env, settings)
        try:
            result = results.write(s3, target, record, children)
        except (BotoCoreError, ClientError) as error:
            cause = StatesErrorNameType.StatesResultWriterFailed
            raise _failure(scope.env, cause, str(error)) from error
    if record.execution_counter.failed.get() > tolerated:
        raise _failure(
            scope.env,
            StatesErrorNameType.StatesExceedToleratedFailureThreshold,
            "The specified tolerated failure threshold was exceeded",
        )
    return result


def install(settings: Settings) -> None:
    stock = StateMap._eval_execution

    def eval_execution(self: Any, env: Any) -> None:
        if self.distributed is None:
            stock(self, env)
            return
        self.max_concurrency_decl.eval(env=env)
        record, redriven = _record_of(env, self, env.stack.pop())
        _record(env, HistoryEventType.MapStateStarted, mapStateStartedEventDetails={"length": 0})
        run = {"mapRunArn": record.map_run_arn}
        if redriven:
            _record(env, HistoryEventType.MapRunRedriven, mapRunRedrivenEventDetails=run)
        else:
            _record(env, HistoryEventType.MapRunStarted, mapRunStartedEventDetails=run)
        try:
            result = _map_run(_Scope(env, copy.copy(variables_of(env))), self, record, settings)
        except FailureEventException as failed:
            error, cause = failed.extract_error_cause_pair() or ("", "")
            _stop(record, env, MapRunStatus.FAILED)
            details = {"error": error, "cause": cause}
            _record(env, HistoryEventType.MapRunFailed, mapRunFailedEventDetails=details)
            raise
        if not env.is_running():
            _stop(record, env, MapRunStatus.ABORTED)
            env.stack.append(None)
            return
        _stop(record, env, MapRunStatus.SUCCEEDED)
        env.stack.append(result)
        _record(env, HistoryEventType.MapRunSucceeded)
        _record(env, HistoryEventType.MapStateSucceeded)

    replace(StateMap, "_eval_execution", eval_execution)
