"""Where starts and messages end that could not be delivered."""

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from aws_cdk import aws_sqs as sqs
from constructs import Construct


class DeadLetters(Construct):
    """Of a stack's schedules and rules: kept for two weeks, to be looked at by people."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.queue = sqs.Queue(
            self,
            "Queue",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=cdk.Duration.days(14),
            removal_policy=cdk.RemovalPolicy.DESTROY,
        )
        cdk.Validations.of(self.queue).acknowledge(
            cdk.Acknowledgment(
                id="AwsSolutions-SQS3", reason="This queue is itself where undelivered messages end"
            )
        )
        self._rules: list[str] = []
        self._from_rules = iam.PolicyStatement(
            sid="Rules",
            principals=[iam.ServicePrincipal("events.amazonaws.com")],
            actions=["sqs:SendMessage"],
            resources=[self.queue.queue_arn],
        )

    def take_from(self, rule: events.Rule) -> None:
        """What the rule cannot deliver to its targets. It must have them all.

        One statement names all rules: a queue's policy has room for 20.
        """
        if not self._rules:
            self.queue.add_to_resource_policy(self._from_rules)
        self._rules.append(rule.rule_arn)
        self._from_rules.add_condition("ArnEquals", {"aws:SourceArn": self._rules})
        resource = rule.node.default_child
        assert isinstance(resource, events.CfnRule)
        targets = cdk.Stack.of(rule).resolve(resource.targets)
        for number in range(len(targets)):
            resource.add_property_override(
                f"Targets.{number}.DeadLetterConfig", {"Arn": self.queue.queue_arn}
            )
