"""Where failures and alarms of a region are told, and who hears of them."""

from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns
from constructs import Construct
from constructs.ground.access import Access

_USE_OF_KEY = ("kms:Decrypt", "kms:GenerateDataKey")


@dataclass(frozen=True, kw_only=True)
class FailureTopicProps:
    """title: the sender's name in e-mails. emails: each gets a confirmation request first."""

    title: str
    emails: tuple[str, ...] = ()


class FailureTopic(Construct):
    """An encrypted topic, TLS only, for this account's alarms; rules that target it add their own right."""

    def __init__(self, scope: Construct, construct_id: str, props: FailureTopicProps) -> None:
        super().__init__(scope, construct_id)
        account = cdk.Stack.of(self).account
        # AWS's own key for SNS does not let CloudWatch and EventBridge publish.
        self.key = kms.Key(
            self,
            "Key",
            description=f"Messages of {props.title}",
            enable_key_rotation=True,
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        self.key.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=list(_USE_OF_KEY),
                resources=["*"],
            )
        )
        self.topic = sns.Topic(self, "Topic", display_name=props.title, master_key=self.key, enforce_ssl=True)
        self.topic.add_to_resource_policy(
            iam.PolicyStatement(
                sid="Alarms",
                principals=[iam.ServicePrincipal("cloudwatch.amazonaws.com")],
                actions=["sns:Publish"],
                resources=[self.topic.topic_arn],
                conditions={"StringEquals": {"aws:SourceAccount": account}},
            )
        )
        for number, email in enumerate(props.emails, start=1):
            sns.Subscription(
                self,
                f"Email{number}",
                topic=self.topic,
                protocol=sns.SubscriptionProtocol.EMAIL,
                endpoint=email,
            )

    @property
    def publishing(self) -> tuple[Access, ...]:
        """What a role needs to publish."""
        return (
            Access(actions=("sns:Publish",), resources=(self.topic.topic_arn,)),
            Access(actions=_USE_OF_KEY, resources=(self.key.key_arn,)),
        )
