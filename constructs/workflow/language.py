"""Bits of JSONata and of the state machine language that several parts of a workflow write."""

import json
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

Task = sfn.TaskStateBase
NULL = "{% null %}"
"""The CDK leaves out members without a value."""


def expression(text: str) -> str:
    """A JSONata expression as a field's whole value, which is the only place where it is evaluated."""
    return "{% " + text + " %}"


def literal(value: str | tuple[str, ...]) -> str:
    """A Python value inside an expression; JSON's notation is JSONata's."""
    return json.dumps(value)


def or_empty(path: str) -> str:
    """A variable cannot be assigned nothing."""
    return f"($exists({path}) ? {path} : '')"


def invoke(
    scope: Construct,
    name: str,
    function: lambda_.IFunction,
    payload: Mapping[str, Any],
    *,
    assign: Mapping[str, Any] | None = None,
    outputs: Any = None,
) -> Task:
    """Calls a function; what fails in Lambda itself is repeated, what fails in the function is not."""
    task = tasks.LambdaInvoke.jsonata(
        scope,
        name,
        lambda_function=function,
        payload=sfn.TaskInput.from_object(dict(payload)),
        retry_on_service_exceptions=False,
        assign=assign,
        outputs=expression("$states.result.Payload") if outputs is None else outputs,
    )
    # A new account has ten calls at a time, for all functions: patient for a quarter of an hour on average.
    retry(task, ("Lambda.TooManyRequestsException",), first_seconds=2, longest_seconds=60, attempts=34)
    return retry(
        task,
        (
            "Lambda.ClientExecutionTimeoutException",
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
        ),
        first_seconds=2,
        longest_seconds=60,
        attempts=6,
    )


def call(
    scope: Construct,
    name: str,
    service: str,
    action: str,
    arguments: Mapping[str, Any],
    *,
    assign: Mapping[str, Any] | None = None,
    outputs: Any = None,
) -> Task:
    """One AWS call without a function in between; its rights stand with the workflow's role."""
    return tasks.CallAwsService.jsonata(
        scope,
        name,
        service=service,
        action=action,
        parameters=dict(arguments),
        iam_resources=[],
        assign=assign,
        outputs=outputs,
    )


def retry(
    task: Task, errors: tuple[str, ...], *, first_seconds: int, longest_seconds: int, attempts: int
) -> Task:
    """Repeats with doubling waits up to a cap, drawn at random, so that workflows do not march in step."""
    return task.add_retry(
        errors=list(errors),
        interval=cdk.Duration.seconds(first_seconds),
        backoff_rate=2,
        max_delay=cdk.Duration.seconds(longest_seconds),
        jitter_strategy=sfn.JitterType.FULL,
        max_attempts=attempts,
    )
