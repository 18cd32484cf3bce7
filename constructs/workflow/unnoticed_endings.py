"""Tells of executions that ended without being able to tell it themselves."""

from dataclasses import dataclass

import jsii
from aws_cdk import aws_events as events
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.ground.alarm import in_runbook
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.python_function import PythonFunction
from constructs.workflow.failure import NOTIFIED


@dataclass(frozen=True, kw_only=True)
class Ending:
    """What a message about a workflow's ending says besides how it ended.

    workflow: what it is called, such as "The ramp of posts". consequence: a sentence on what holds meanwhile.
    remedy: a heading of the runbook. notification: whose messages are counted; None: no notification.
    """

    workflow: str
    use_case: str | None
    consequence: str
    remedy: str
    notification: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnnoticedEndingsProps:
    """teller: see `ending_teller`."""

    ending: Ending
    state_machine: sfn.IStateMachine
    teller: PythonFunction
    dead_letters: DeadLetters


@jsii.implements(events.IRuleTarget)
class _Called:
    """A function, without the CDK's own permission, whose logical id has the stage's name in it."""

    def __init__(self, arn: str, request: events.RuleTargetInput) -> None:
        self._config = events.RuleTargetConfig(arn=arn, input=request)

    def bind(self, _rule: events.IRule, _id: str | None = None) -> events.RuleTargetConfig:
        return self._config


class UnnoticedEndings(Construct):
    """Time-outs and aborts, and failures that no state catches (States.Runtime, States.DataLimitExceeded)."""

    def __init__(self, scope: Construct, construct_id: str, props: UnnoticedEndingsProps) -> None:
        super().__init__(scope, construct_id)
        self._rule(props, "Stopped", "timed out or was aborted", {"status": ["TIMED_OUT", "ABORTED"]})
        told = {"anything-but": {"prefix": NOTIFIED}}
        self._rule(
            props,
            "FailedUntold",
            "failed outside of its failure path",
            {"status": ["FAILED"], "cause": [told, {"exists": False}]},
        )

    def _rule(
        self, props: UnnoticedEndingsProps, construct_id: str, what: str, detail: dict[str, object]
    ) -> None:
        ending = props.ending
        whose = {"useCase": ending.use_case, "notification": ending.notification}
        request = {
            "workflow": ending.workflow,
            **{member: name for member, name in whose.items() if name},
            "consequence": ending.consequence,
            "remedy": in_runbook(ending.remedy),
            "execution": events.EventField.from_path("$.detail"),
        }
        rule = events.Rule(
            self,
            construct_id,
            description=f"{ending.workflow} {what}",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"stateMachineArn": [props.state_machine.state_machine_arn], **detail},
            ),
            targets=[_Called(props.teller.arn, events.RuleTargetInput.from_object(request))],
        )
        lambda_.CfnPermission(
            self,
            f"{construct_id}MayTell",
            action="lambda:InvokeFunction",
            function_name=props.teller.arn,
            principal="events.amazonaws.com",
            source_arn=rule.rule_arn,
        )
        props.dead_letters.take_from(rule)
