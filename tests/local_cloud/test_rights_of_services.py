"""What Lambda, Step Functions and EventBridge may do in the local cloud, for themselves and with roles."""

import json
from uuid import uuid4

from local_cloud.judge.recording import recorded
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.roles import ACCOUNT, allow, function, invoked, refusal, role, trusting


def test_a_function_does_what_its_role_allows_and_is_told_in_aws_s_words_what_it_does_not(
    strict: LocalAws,
) -> None:
    bucket = strict.bucket({"a": "1"})
    objects = f"arn:aws:s3:::{bucket}/*"
    own = role(strict, allow("s3:PutObject", objects), trust=trusting("lambda.amazonaws.com"))
    arn = function(strict, own)

    put = invoked(strict, arn, "s3", "put_object", Bucket=bucket, Key="a", Body="2")
    got = invoked(strict, arn, "s3", "get_object", Bucket=bucket, Key="a")

    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{own.rpartition('/')[2]}/{arn.rpartition(':')[2]}"
    assert put["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert got["errorMessage"] == (
        "An error occurred (AccessDenied) when calling the GetObject operation: "
        f"User: {session} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::{bucket}/a "
        "because no identity-based policy allows the s3:GetObject action"
    )


def test_a_function_without_the_right_to_log_runs_and_leaves_no_logs(strict: LocalAws) -> None:
    arns = {
        may: function(
            strict,
            role(strict, *([allow("logs:*")] if may else []), trust=trusting("lambda.amazonaws.com")),
        )
        for may in (True, False)
    }

    for may, arn in arns.items():
        assert invoked(strict, arn, "sts", "get_caller_identity")["Account"] == ACCOUNT
        group = f"/aws/lambda/{arn.rpartition(':')[2]}"
        found = strict.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
        assert bool(found) is may


def test_a_role_that_does_not_trust_the_service_is_not_assumed(strict: LocalAws) -> None:
    arn = function(strict, role(strict, allow("*"), trust=trusting("states.amazonaws.com")))

    code, message = refusal(strict.client("lambda").invoke, FunctionName=arn, Payload=b"{}")

    assert code == "AccessDeniedException"
    assert "lambda.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: " in message


def test_a_state_machine_acts_with_its_role(strict: LocalAws) -> None:
    own = role(strict, allow("s3:ListBucket"), trust=trusting("states.amazonaws.com"))
    arn = function(strict, role(strict, trust=trusting("lambda.amazonaws.com")))
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": arn},
        "End": True,
    }
    definition = {"QueryLanguage": "JSONata", "StartAt": "Call", "States": {"Call": task}}
    machine = strict.client("stepfunctions").create_state_machine(
        name=f"test-{uuid4().hex[:10]}", definition=json.dumps(definition), roleArn=own
    )["stateMachineArn"]

    ended = strict.ended(strict.started(machine))

    assert ended["status"] == "FAILED"
    assert "is not authorized to perform: lambda:InvokeFunction" in ended["cause"]


def test_a_rule_delivers_where_the_queue_s_policy_lets_it(strict: LocalAws) -> None:
    events, source = strict.client("events"), f"test.{uuid4().hex[:8]}"
    queues = [strict.queue(), strict.queue()]
    rule = events.put_rule(Name=source, EventPattern=json.dumps({"source": [source]}))["RuleArn"]
    events.put_targets(Rule=source, Targets=[{"Id": str(n), "Arn": arn} for n, (_, arn) in enumerate(queues)])
    for (url, arn), allowed in zip(queues, (rule, f"{rule}-2"), strict=True):
        statement = allow("sqs:SendMessage", arn, Condition={"ArnEquals": {"aws:SourceArn": allowed}})
        statement["Principal"] = {"Service": "events.amazonaws.com"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        strict.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    events.put_events(Entries=[{"Source": source, "DetailType": "x", "Detail": "{}"}])

    assert len(strict.received(queues[0][0])) == 1
    refused = [each.call.resource for each in recorded(strict.settings.state_dir) if not each.allowed]
    assert queues[1][1] in refused
