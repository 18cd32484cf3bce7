"""The queue that posted events wait in, and where those end that cannot be processed."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_sqs as sqs
from constructs import Construct

RECEIVES = 12
"""Attempts before a message is given up: consumers that die take good messages' attempts as well."""


@dataclass(frozen=True, kw_only=True)
class EventQueueProps:
    """name: fixed, because other regions send to the queue; dead letters are in `<name>-dead`.
    visibility_seconds: six times the consumer's time-out, as Lambda wants it.
    """

    name: str
    visibility_seconds: int
    queue_days: int = 4
    dead_letter_days: int = 14


class EventQueue(Construct):
    """Encrypted with SQS's own key, which senders in other regions need no right to use; TLS only."""

    def __init__(self, scope: Construct, construct_id: str, props: EventQueueProps) -> None:
        super().__init__(scope, construct_id)
        self.name = props.name
        self.dead_letters = sqs.Queue(
            self,
            "DeadLetters",
            queue_name=f"{props.name}-dead",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(props.dead_letter_days),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.queue = sqs.Queue(
            self,
            "Queue",
            queue_name=props.name,
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(props.queue_days),
            visibility_timeout=cdk.Duration.seconds(props.visibility_seconds),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead_letters, max_receive_count=RECEIVES),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self._let_only_the_queue_in()

    def _let_only_the_queue_in(self) -> None:
        resource = self.dead_letters.node.default_child
        assert isinstance(resource, sqs.CfnQueue)
        stack = cdk.Stack.of(self)
        # By name: each queue would wait for the other otherwise.
        source = stack.format_arn(service="sqs", resource=self.name)
        resource.redrive_allow_policy = {"redrivePermission": "byQueue", "sourceQueueArns": [source]}
