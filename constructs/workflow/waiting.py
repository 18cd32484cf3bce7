"""Waiting for something in Personalize: a visible loop of wait, describe and choice, with a deadline."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.workflow.failure import FailureRoute
from constructs.workflow.language import call, expression, literal, or_empty
from constructs.workflow.refusals import persist


@dataclass(frozen=True, kw_only=True)
class Patience:
    """seconds: between two looks, at least 60 and up to a quarter more. hours: until the deadline.

    The deadline is a number of looks, so that waits may be scaled in a simulation.
    """

    seconds: int
    hours: int

    def __post_init__(self) -> None:
        if self.seconds < 60:
            raise ValueError(f"polls must be at least 60 seconds apart, got {self.seconds}")
        if self.hours < 1:
            raise ValueError(f"a deadline must be at least an hour, got {self.hours}")

    @property
    def looks(self) -> int:
        return self.hours * 3600 // self.seconds


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something that takes time.

    title: part of the states' names. variable: first part of variables, <variable>Arn, Status, Reason, Looks.
    action: of Personalize, which takes the argument `argument` and answers with the member `member`.
    pending: the statuses in which it is worth waiting; ACTIVE is success, all others are failures.
    error: first part of the errors <error>Failed and <error>TookTooLong. kept: by variable, members of the
    answer that are wanted later; null, where it has none.
    """

    title: str
    variable: str
    action: str
    argument: str
    member: str
    pending: tuple[str, ...]
    error: str
    patience: Patience
    kept: Mapping[str, str] = field(default_factory=dict)

    def started(self, arn: str) -> Mapping[str, object]:
        """What the state before the loop assigns; arn: JSONata."""
        return {f"{self.variable}Arn": expression(arn), f"{self.variable}Looks": 0}


def await_job(scope: Construct, job: Job, *, then: sfn.IChainable, failures: FailureRoute) -> sfn.Wait:
    """The first state of the loop; `then` follows on success."""
    status, reason, looks = (f"${job.variable}{part}" for part in ("Status", "Reason", "Looks"))
    jitter = job.patience.seconds // 4
    wait = sfn.Wait.jsonata(
        scope,
        f"Wait for {job.title}",
        time=sfn.WaitTime.seconds(expression(f"{job.patience.seconds} + $floor($random() * {jitter})")),
        outputs={},
    )
    answer = f"$states.result.{job.member}"
    describe = call(
        scope,
        f"Describe {job.title}",
        "personalize",
        job.action,
        {job.argument: expression(f"${job.variable}Arn")},
        assign={
            f"{job.variable}Status": expression(f"{answer}.Status"),
            f"{job.variable}Reason": expression(or_empty(f"{answer}.FailureReason")),
            f"{job.variable}Looks": expression(f"{looks} + 1"),
            **{name: expression(_or_null(f"{answer}.{member}")) for name, member in job.kept.items()},
        },
        outputs={},
    )
    persist(describe, failures)
    step = f"Wait for {job.title}"
    pending = f"{status} in {literal(job.pending)}"
    ended = f"${job.variable}Arn & ' ended as ' & {status} & ': ' & {reason}"
    late = f"${job.variable}Arn & {literal(f' is not done after {job.patience.hours} hours: ')} & {status}"
    decide = (
        sfn.Choice.jsonata(
            scope,
            f"Is {job.title} done?",
            assign=failures.details(step=step, error=literal(f"{job.error}Failed"), cause=ended),
        )
        .when(sfn.Condition.jsonata(expression(f"{status} = 'ACTIVE'")), then)
        .when(sfn.Condition.jsonata(expression(f"{pending} and {looks} < {job.patience.looks}")), wait)
        .when(
            sfn.Condition.jsonata(expression(pending)),
            failures.state,
            assign=failures.details(step=step, error=literal(f"{job.error}TookTooLong"), cause=late),
        )
        .otherwise(failures.state)
    )
    wait.next(describe).next(decide)
    return wait


def _or_null(path: str) -> str:
    return f"($exists({path}) ? {path} : null)"
