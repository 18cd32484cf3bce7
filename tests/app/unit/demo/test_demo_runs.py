"""How the demo starts the workflows, follows them, and accounts for their time."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_cloud.demo.baseline import BaselineFailed, popularity_metrics
from local_cloud.demo.executions import RunFailed, Start, run_all, scheduled_starts
from local_cloud.demo.timeline import Span, function_spans, map_spans, timing

BEGIN = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


class Pages:
    def __init__(self, *pages: dict[str, Any]) -> None:
        self._pages = pages

    def paginate(self, **_: Any) -> tuple[dict[str, Any], ...]:
        return self._pages


def event(id_: int, before: int, kind: str, seconds: float, **details: Any) -> dict[str, Any]:
    return {"id": id_, "previousEventId": before, "type": kind, "timestamp": at(seconds), **details}


def entered(
    id_: int, before: int, name: str, seconds: float, kind: str = "TaskStateEntered"
) -> dict[str, Any]:
    return event(id_, before, kind, seconds, stateEnteredEventDetails={"name": name})


class StepFunctions:
    """Executions that end at the second look."""

    def __init__(self, ends: dict[str, dict[str, Any]]) -> None:
        self.started: list[tuple[str, str]] = []
        self.stopped: list[str] = []
        self._ends = ends
        self._looks: dict[str, int] = {}

    def start_execution(self, *, stateMachineArn: str, input: str) -> dict[str, str]:
        self.started.append((stateMachineArn, input))
        return {"executionArn": f"run:{stateMachineArn}"}

    def describe_execution(self, *, executionArn: str) -> dict[str, Any]:
        machine = executionArn.removeprefix("run:")
        self._looks[machine] = self._looks.get(machine, 0) + 1
        described = {"executionArn": executionArn, "stateMachineArn": machine, "startDate": at(0)}
        if self._looks[machine] < 2:
            return described | {"status": "RUNNING"}
        return described | {"stopDate": at(9)} | self._ends[machine]

    def stop_execution(self, *, executionArn: str, error: str, cause: str) -> None:
        self.stopped.append(executionArn)

    def get_paginator(self, _: str) -> Pages:
        return Pages(
            {"events": [entered(1, 0, "Extract posts", 0)]}, {"events": [entered(2, 1, "Publish", 1)]}
        )


GOOD = {"status": "SUCCEEDED", "output": json.dumps({"useCase": "posts", "outcome": "published"})}
BAD = {"status": "FAILED", "error": "DatasetRejected", "cause": "999 interactions"}


def test_workflows_get_their_schedules_target_and_input() -> None:
    class Scheduler:
        def get_paginator(self, _: str) -> Pages:
            return Pages({"Schedules": [{"Name": "b", "GroupName": "g"}, {"Name": "a", "GroupName": "g"}]})

        def get_schedule(self, *, Name: str, GroupName: str) -> dict[str, Any]:
            service = "states" if Name == "b" else "sqs"
            kind = "stateMachine" if Name == "b" else "queue"
            return {"Target": {"Arn": f"arn:aws:{service}:r:1:{kind}:{Name}", "Input": '{"force": false}'}}

    starts = scheduled_starts(Scheduler())
    assert starts == [Start("b", "arn:aws:states:r:1:stateMachine:b", '{"force": false}')]
    stepfunctions = StepFunctions({starts[0].machine: GOOD})
    run_all(stepfunctions, starts, lambda line: None, sleep=lambda _: None)
    assert stepfunctions.started == [(starts[0].machine, '{"force": false}')]


def test_every_step_is_told_once_and_the_outputs_come_back_in_order() -> None:
    told: list[str] = []
    starts = [Start("1", "m:one", "{}"), Start("2", "m:two", "{}")]
    other = GOOD | {"output": json.dumps({"useCase": "programs", "outcome": "published"})}
    runs = run_all(StepFunctions({"m:one": GOOD, "m:two": other}), starts, told.append, sleep=lambda _: None)
    assert [run.use_case for run in runs] == ["posts", "programs"]
    assert sorted(told) == ["one: Extract posts", "one: Publish", "two: Extract posts", "two: Publish"]


def test_a_failed_run_is_reported_in_its_own_words_after_the_others_have_ended() -> None:
    stepfunctions = StepFunctions({"m:one": BAD, "m:two": GOOD})
    starts = [Start("1", "m:one", "{}"), Start("2", "m:two", "{}")]
    with pytest.raises(RunFailed, match=r"^one ended as FAILED: DatasetRejected: 999 interactions$"):
        run_all(stepfunctions, starts, lambda line: None, sleep=lambda _: None)


def test_work_that_took_too_long_is_reported_with_what_gives_it_longer_here() -> None:
    late = {"status": "FAILED", "error": "TrainingTookTooLong", "cause": "not done after 24 hours"}
    with pytest.raises(RunFailed, match=r"TrainingTookTooLong: not done after 24 hours; .*--time-scale"):
        run_all(StepFunctions({"m": late}), [Start("1", "m", "{}")], lambda line: None, sleep=lambda _: None)


def test_a_run_that_never_ends_is_given_up() -> None:
    class Endless(StepFunctions):
        def describe_execution(self, *, executionArn: str) -> dict[str, Any]:
            return {"status": "RUNNING"}

    stepfunctions = Endless({})
    with pytest.raises(RunFailed, match="still running after 0 s, and stopped: run:m"):
        run_all(stepfunctions, [Start("1", "m", "{}")], lambda line: None, deadline=0, sleep=lambda _: None)
    assert stepfunctions.stopped == ["run:m"]


def test_who_interrupts_the_demo_ends_what_still_runs_and_nothing_else() -> None:
    class Gone(StepFunctions):
        def stop_execution(self, *, executionArn: str, error: str, cause: str) -> None:
            super().stop_execution(executionArn=executionArn, error=error, cause=cause)
            raise ClientError({"Error": {"Code": "ExecutionDoesNotExist"}}, "StopExecution")

        def describe_execution(self, *, executionArn: str) -> dict[str, Any]:
            ended = executionArn == "run:m:one"
            return {"status": "SUCCEEDED" if ended else "RUNNING"}

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    stepfunctions = Gone({})
    starts = [Start(name, f"m:{name}", "{}") for name in ("one", "two", "three")]
    with pytest.raises(KeyboardInterrupt):
        run_all(stepfunctions, starts, lambda line: None, sleep=interrupt)
    assert stepfunctions.stopped == ["run:m:two", "run:m:three"]


def scheduled(id_: int, before: int, seconds: float, resource: str) -> dict[str, Any]:
    return event(id_, before, "TaskScheduled", seconds, taskScheduledEventDetails={"resourceType": resource})


def test_function_calls_count_under_their_states_and_other_calls_do_not() -> None:
    history = [
        entered(1, 0, "Extract users", 0),
        scheduled(2, 1, 1, "lambda"),
        event(3, 2, "TaskStarted", 1),
        event(4, 3, "TaskSucceeded", 4),
        entered(5, 4, "Describe training", 5),
        scheduled(6, 5, 5, "aws-sdk:personalize"),
        event(7, 6, "TaskSucceeded", 7),
        entered(8, 7, "Publish generation", 8),
        event(9, 8, "LambdaFunctionScheduled", 8),
        event(10, 9, "LambdaFunctionStarted", 8),
        event(11, 10, "LambdaFunctionSucceeded", 9),
    ]
    assert list(function_spans(history)) == [
        Span("extract", at(1), at(4)),
        Span("publish generation", at(8), at(9)),
    ]


def test_parallel_branches_keep_their_own_states() -> None:
    history = [
        entered(1, 0, "Extract users", 0),
        entered(2, 0, "Compare datasets", 0),
        scheduled(3, 1, 1, "lambda"),
        scheduled(4, 2, 2, "lambda"),
        event(5, 4, "TaskSucceeded", 3),
        event(6, 3, "TaskFailed", 5),
    ]
    assert list(function_spans(history)) == [
        Span("compare datasets", at(2), at(3)),
        Span("extract", at(1), at(5)),
    ]


def test_a_map_counts_from_entry_to_exit() -> None:
    history = [
        entered(1, 0, "Load recommendations", 2, "MapStateEntered"),
        event(2, 1, "MapStateExited", 5, stateExitedEventDetails={"name": "Load recommendations"}),
    ]
    assert list(map_spans(history)) == [Span("load recommendations", at(2), at(5))]


def test_parallel_work_counts_once_and_the_rest_is_overhead() -> None:
    spans = [
        Span("import", at(6), at(8)),
        Span("extract", at(1), at(4)),
        Span("extract", at(2), at(5)),
        Span("extract", at(2), at(3)),
        Span("train", at(7), at(99)),
        Span("train", at(-50), at(-40)),
    ]
    found = timing("posts", at(0), at(10), spans)
    assert dict(found.phases) == {"extract": 4.0, "import": 2.0, "train": 3.0}
    assert list(found.phases) == ["extract", "import", "train"]
    assert (found.total, found.overhead) == (10.0, 2.0)


class NotFound(Exception):
    pass


class Personalize:
    """One dataset group; what is created is ready at the second look."""

    class exceptions:
        ResourceNotFoundException = NotFound

    def __init__(self, *solutions: str, ends: str = "ACTIVE") -> None:
        self.solutions = {name: f"arn:{name}" for name in solutions}
        self.calls: list[str] = []
        self._ends = ends
        self._looks = 0

    def get_paginator(self, _: str) -> Pages:
        return Pages({"solutions": [{"name": n, "solutionArn": arn} for n, arn in self.solutions.items()]})

    def create_solution(
        self, *, name: str, recipeArn: str, performAutoTraining: bool, **_: str
    ) -> dict[str, str]:
        assert name not in self.solutions and not performAutoTraining
        assert recipeArn.endswith("/aws-popularity-count")
        self.calls.append("create")
        self.solutions[name] = f"arn:{name}"
        return {"solutionArn": f"arn:{name}"}

    def describe_solution(self, *, solutionArn: str) -> dict[str, Any]:
        if solutionArn not in self.solutions.values():
            raise NotFound
        return {"solution": {"status": "ACTIVE"}}

    def create_solution_version(self, *, solutionArn: str) -> dict[str, str]:
        return {"solutionVersionArn": f"{solutionArn}/1"}

    def describe_solution_version(self, *, solutionVersionArn: str) -> dict[str, Any]:
        self._looks += 1
        status = "CREATE IN_PROGRESS" if self._looks < 2 else self._ends
        return {"solutionVersion": {"status": status, "failureReason": "too few interactions"}}

    def get_solution_metrics(self, *, solutionVersionArn: str) -> dict[str, Any]:
        return {"metrics": {"coverage": 0.1}}

    def delete_solution(self, *, solutionArn: str) -> None:
        self.calls.append("delete")
        self.solutions = {name: arn for name, arn in self.solutions.items() if arn != solutionArn}


def test_popularity_is_measured_and_its_solution_deleted_again() -> None:
    personalize = Personalize()
    assert popularity_metrics(personalize, "group", "pop", sleep=lambda _: None) == {"coverage": 0.1}
    assert personalize.calls == ["create", "delete"] and personalize.solutions == {}


def test_what_an_interrupted_demo_left_behind_is_replaced() -> None:
    personalize = Personalize("pop", "recs-local-posts-12345678")
    popularity_metrics(personalize, "group", "pop", sleep=lambda _: None)
    assert personalize.calls == ["delete", "create", "delete"]
    assert list(personalize.solutions) == ["recs-local-posts-12345678"]


def test_a_failed_training_of_popularity_is_named_and_leaves_nothing_behind() -> None:
    personalize = Personalize(ends="CREATE FAILED")
    with pytest.raises(BaselineFailed, match="CREATE FAILED: too few interactions"):
        popularity_metrics(personalize, "group", "pop", sleep=lambda _: None)
    assert personalize.solutions == {}
