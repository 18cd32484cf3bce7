"""Tells of executions that ended without being able to tell it themselves."""

from dataclasses import dataclass

from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_sns as sns
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct
from constructs.ground.dead_letters import DeadLetters
from constructs.workflow.failure import NOTIFIED


@dataclass(frozen=True, kw_only=True)
class UnnoticedEndingsProps:
    """workflow: what it is called in messages. consequence: a sentence on what holds meanwhile."""

    workflow: str
    consequence: str
    state_machine: sfn.IStateMachine
    topic: sns.ITopic
    dead_letters: DeadLetters


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
            "error",
            "cause",
        )

    def _rule(
        self,
        props: UnnoticedEndingsProps,
        construct_id: str,
        what: str,
        detail: dict[str, object],
        *fields: str,
    ) -> None:
        """The message is JSON, because a cause may hold quotes: EventBridge escapes whole values only."""
        told = ("status", "executionArn", *fields)
        message = {
            "message": f"{props.workflow} {what}. {props.consequence}",
            **{field: events.EventField.from_path(f"$.detail.{field}") for field in told},
        }
        rule = events.Rule(
            self,
            construct_id,
            description=f"{props.workflow} {what}",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"stateMachineArn": [props.state_machine.state_machine_arn], **detail},
            ),
            targets=[targets.SnsTopic(props.topic, message=events.RuleTargetInput.from_object(message))],
        )
        props.dead_letters.take_from(rule)
