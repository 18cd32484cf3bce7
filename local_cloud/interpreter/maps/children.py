"""A child execution of a Distributed Map: its own history and variables, not its parent's."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_manager import EventHistoryContext, EventManager
from moto.stepfunctions.parser.asl.eval.program_state import ProgramEnded, ProgramError
from moto.stepfunctions.parser.asl.eval.variable_store import VariableStore

from local_cloud.ground.times import iso_text
from local_cloud.interpreter.executions import resuming


@dataclass
class Child:
    """`status` is PENDING until it ran; one that failed has `error` and `cause`."""

    arn: str
    name: str
    machine: str
    input: Any
    status: str = "PENDING"
    started: datetime | None = None
    stopped: datetime | None = None
    output: Any = None
    error: str | None = None
    cause: str | None = None
    env: Any = field(default=None, repr=False)
    place: resuming.Place | None = None

    @classmethod
    def of(cls, record: Any, value: Any) -> "Child":
        name = str(uuid4())
        machine = record.map_state_machine_arn
        return cls(
            arn=f"{machine.replace(':stateMachine:', ':execution:')}:{name}",
            name=name,
            machine=machine,
            input=value,
        )

    def redriven(self) -> "Child":
        """To be run again, from where it ended; an old thread of it may still write to the old one."""
        place = resuming.place_of(self.env) if self.env is not None else self.place
        return Child(arn=self.arn, name=self.name, machine=self.machine, input=self.input, place=place)

    @property
    def succeeded(self) -> bool:
        return self.status == "SUCCEEDED"

    @property
    def failed(self) -> bool:
        return self.status == "FAILED"


def items(child: Child) -> list[Any]:
    """The items of its batch, or the one item."""
    batch = child.input.get("Items") if isinstance(child.input, dict) else None
    return batch if isinstance(batch, list) else [child.input]


def run(child: Child, program: Any, parent: Any, record: Any) -> None:
    child.started, child.status = datetime.now(tz=UTC), "RUNNING"
    counter = record.execution_counter
    counter.total.count()
    counter.running.count()
    child.env = env = _environment(child, parent)
    if child.place is not None:
        resuming.put(env, child.place)
        program = resuming.starting_at(program, child.place.state)
    with parent._state_mutex:
        parent._frames.append(env)
    try:
        program.eval(env)
    finally:
        parent.delete_frame(env)
        counter.running.offset(-1)
        child.stopped = datetime.now(tz=UTC)
    match env.program_state():
        case ProgramEnded():
            child.status, child.output = "SUCCEEDED", env.states.get_input()
            counter.succeeded.count()
        case ProgramError() as failure:
            child.status = "FAILED"
            child.error, child.cause = _pair(failure.error)
            counter.failed.count()
        case _:
            child.status = "ABORTED"
            counter.aborted.count()


def _pair(error: Any) -> tuple[str | None, str | None]:
    return (error.get("error"), error.get("cause")) if error else (None, None)


def _environment(child: Child, parent: Any) -> Any:
    own = parent.states.context_object.context_object_data["Execution"]
    assert child.started is not None
    execution = {
        **own,
        "Id": child.arn,
        "Name": child.name,
        "Input": child.input,
        "StartTime": iso_text(child.started),
    }
    machine = {"Id": child.machine, "Name": child.machine.split(":")[-1]}
    env = Environment(
        aws_execution_details=parent.aws_execution_details,
        execution_type=parent.execution_type,
        context={"Execution": execution, "StateMachine": machine},  # type: ignore[typeddict-item]
        event_history_context=EventHistoryContext.of_program_start(),
        cloud_watch_logging_session=None,
        activity_store=parent.activity_store,
        variable_store=VariableStore(),  # type: ignore[no-untyped-call]
    )
    env.event_manager = EventManager()
    env.callback_pool_manager = parent.callback_pool_manager
    env.map_run_record_pool_manager = parent.map_run_record_pool_manager
    env._is_frame = True
    return env
