"""E-mails that Amazon SES has accepted and could not send: kept with the reason, counted, looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_ses as ses
from aws_cdk import aws_sqs as sqs
from constructs import Construct
from constructs.ground.dead_letters import DeadLetters

_KINDS = (ses.EmailSendingEvent.RENDERING_FAILURE, ses.EmailSendingEvent.REJECT)
"""A template without its data, and an attachment with a virus: nothing else fails after SES has answered."""


@dataclass(frozen=True, kw_only=True)
class UnsentEmailsProps:
    """configuration_sets: names of those that e-mails are sent with. days: how long what SES tells is kept,
    which names people.
    """

    configuration_sets: Sequence[str]
    dead_letters: DeadLetters
    days: int = 14


class UnsentEmails(Construct):
    """SES answers before it renders. What it finds then, it tells EventBridge."""

    def __init__(self, scope: Construct, construct_id: str, props: UnsentEmailsProps) -> None:
        super().__init__(scope, construct_id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(props.days),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.Validations.of(self.queue).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-SQS3", reason="Nobody processes this queue: people look at what is in it"
            )
        )
        rule = events.Rule(
            self,
            "Told",
            description="E-mails that SES has accepted and could not send",
            event_pattern=events.EventPattern(
                source=["aws.ses"],
                detail={"mail": {"tags": {"ses:configuration-set": list(props.configuration_sets)}}},
            ),
            targets=[targets.SqsQueue(self.queue)],
        )
        props.dead_letters.take_from(rule)
        for number, name in enumerate(props.configuration_sets, start=1):
            ses.CfnConfigurationSetEventDestination(
                self,
                f"Destination{number}",
                configuration_set_name=name,
                event_destination=ses.CfnConfigurationSetEventDestination.EventDestinationProperty(
                    enabled=True,
                    matching_event_types=[kind.value for kind in _KINDS],
                    event_bridge_destination=ses.CfnConfigurationSetEventDestination.EventBridgeDestinationProperty(
                        # SES takes no other bus.
                        event_bus_arn=cdk.Stack.of(self).format_arn(
                            service="events", resource="event-bus", resource_name="default"
                        )
                    ),
                ),
            )
