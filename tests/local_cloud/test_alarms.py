"""Alarms of CloudWatch as boto3 sees them: they look at data, change their states, and tell."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from local_cloud.demo import alarms as demo_alarms
from tests.local_cloud.support.local_aws import LocalAws
from tests.support.waiting import eventually

PERIOD = 300  # which is half a second here
RULE = {
    "Threshold": 10.0,
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": 1,
    "TreatMissingData": "notBreaching",
}


@dataclass(frozen=True)
class Watched:
    """An alarm of a metric of its own, and a queue that gets what it tells."""

    aws: LocalAws
    name: str
    topic: str
    queue: str

    @property
    def state(self) -> str:
        return str(self.described["StateValue"])

    @property
    def described(self) -> dict[str, Any]:
        found = self.aws.client("cloudwatch").describe_alarms(
            AlarmNames=[self.name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        alarms: list[dict[str, Any]] = found["MetricAlarms"] + found["CompositeAlarms"]
        assert len(alarms) == 1
        return alarms[0]

    def put(self, *values: float, dimension: str = "a") -> None:
        metric = self.metric(dimension)
        data = {"MetricName": metric["MetricName"], "Dimensions": metric["Dimensions"], "Values": values}
        self.aws.client("cloudwatch").put_metric_data(Namespace=metric["Namespace"], MetricData=[data])

    def metric(self, dimension: str = "a") -> dict[str, Any]:
        dimensions = [{"Name": "which", "Value": dimension}]
        return {"Namespace": self.name, "MetricName": "Rows", "Dimensions": dimensions}

    def begin(self, **more: Any) -> None:
        actions = {f"{kind}Actions": [self.topic] for kind in ("Alarm", "OK", "InsufficientData")}
        metric = {} if "Metrics" in more else {**self.metric(), "Period": PERIOD, "Statistic": "Sum"}
        self.aws.client("cloudwatch").put_metric_alarm(
            AlarmName=self.name, **{**RULE, **actions, **metric, **more}
        )

    def becomes(self, state: str) -> None:
        eventually(lambda: self.state == state)

    def told(self, most: int) -> list[dict[str, Any]]:
        return [json.loads(json.loads(body)["Message"]) for body in self.aws.received(self.queue, most)]

    def history(self, kind: str) -> list[str]:
        items = self.aws.client("cloudwatch").describe_alarm_history(
            AlarmName=self.name, HistoryItemType=kind, ScanBy="TimestampAscending"
        )["AlarmHistoryItems"]
        return [item["HistorySummary"] for item in items]


@pytest.fixture
def watched(aws: LocalAws) -> Watched:
    return _watched(aws)


def _watched(aws: LocalAws) -> Watched:
    name, (url, arn) = f"test-{uuid4().hex[:10]}", aws.queue()
    topic = aws.client("sns").create_topic(Name=name)["TopicArn"]
    aws.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    return Watched(aws, name, topic, url)


def test_an_alarm_knows_nothing_until_there_is_data_and_forgets_it_when_no_more_comes(
    watched: Watched,
) -> None:
    watched.begin(TreatMissingData="missing")
    begun = watched.described
    watched.put(4, 7)
    watched.becomes("ALARM")
    watched.becomes("INSUFFICIENT_DATA")

    assert (begun["StateValue"], begun["StateReason"]) == (
        "INSUFFICIENT_DATA",
        "Unchecked: Initial alarm creation",
    )
    told = watched.told(2)
    assert [(each["OldStateValue"], each["NewStateValue"]) for each in told] == [
        ("INSUFFICIENT_DATA", "ALARM"),
        ("ALARM", "INSUFFICIENT_DATA"),
    ]
    assert told[0]["Trigger"]["Dimensions"] == [{"name": "which", "value": "a"}]
    assert "11.0" in told[0]["NewStateReason"] and "threshold (10.0)" in told[0]["NewStateReason"]
    assert watched.history("StateUpdate") == [
        "Alarm updated from INSUFFICIENT_DATA to ALARM",
        "Alarm updated from ALARM to INSUFFICIENT_DATA",
    ]
    assert watched.history("Action") == [f"Successfully executed action {watched.topic}"] * 2


def test_a_state_that_is_set_lasts_until_the_next_look(watched: Watched) -> None:
    watched.begin()
    watched.becomes("OK")
    watched.aws.client("cloudwatch").set_alarm_state(
        AlarmName=watched.name, StateValue="ALARM", StateReason="to see it"
    )
    watched.becomes("OK")

    told = watched.told(3)
    assert [each["NewStateValue"] for each in told] == ["OK", "ALARM", "OK"]
    assert told[1]["NewStateReason"] == "to see it"


def test_a_changed_alarm_keeps_its_state_and_one_that_is_wrong_stays_as_it_was(watched: Watched) -> None:
    watched.begin()
    watched.becomes("OK")
    watched.begin(AlarmDescription="changed", ActionsEnabled=False)
    metrics = [{"Id": "e", "Expression": "MAGIC(1)"}, _stat(watched, "m")]
    with pytest.raises(ClientError, match="metric math's function MAGIC"):
        watched.begin(Metrics=metrics)
    with pytest.raises(ClientError, match="no metric or expression n"):
        watched.begin(Metrics=[{"Id": "e", "Expression": "m / n"}, _stat(watched, "m")])
    with pytest.raises(ClientError, match="notify topics, not arn:aws:automate"):
        watched.begin(AlarmActions=["arn:aws:automate:eu-west-1:ec2:stop"])

    found = watched.described
    assert (found["StateValue"], found["AlarmDescription"], found["MetricName"]) == ("OK", "changed", "Rows")
    assert len(watched.history("StateUpdate")) == 1
    assert [each["NewStateValue"] for each in watched.told(1)] == ["OK"]


def _stat(watched: Watched, id_: str, dimension: str = "a") -> dict[str, Any]:
    stat = {"Metric": watched.metric(dimension), "Period": PERIOD, "Stat": "Sum"}
    return {"Id": id_, "MetricStat": stat, "ReturnData": False}


def test_an_alarm_of_several_metrics_computes_what_they_mean_together(watched: Watched) -> None:
    share = {"Id": "share", "Expression": "IF(all > 19, 100 * FILL(bad, 0) / all)", "ReturnData": True}
    watched.begin(Metrics=[share, _stat(watched, "all"), _stat(watched, "bad", "b")])
    watched.becomes("OK")
    watched.put(20)
    watched.put(3, dimension="b")
    watched.becomes("ALARM")

    [_, alarm] = watched.told(2)
    assert "15.0" in alarm["NewStateReason"]


def test_a_composite_alarm_follows_the_states_of_others(watched: Watched) -> None:
    one, other = _watched(watched.aws), _watched(watched.aws)
    for each in (one, other):
        each.begin(AlarmActions=[])
        each.becomes("OK")
    cloudwatch = watched.aws.client("cloudwatch")
    rule = f"ALARM({one.name}) AND NOT ALARM({other.described['AlarmArn']})"
    with pytest.raises(ClientError, match="a closing parenthesis is needed"):
        cloudwatch.put_composite_alarm(AlarmName=watched.name, AlarmRule=f"({rule}")
    cloudwatch.put_composite_alarm(AlarmName=watched.name, AlarmRule=rule, AlarmActions=[watched.topic])
    watched.becomes("OK")
    one.put(11)
    watched.becomes("ALARM")

    [alarm] = watched.told(1)
    assert alarm["AlarmRule"] == rule
    assert f"{one.name} is ALARM, {other.name} is OK" in alarm["NewStateReason"] or (
        f"{other.name} is OK, {one.name} is ALARM" in alarm["NewStateReason"]
    )


def test_a_queue_in_which_something_waits_sets_its_alarm_off(watched: Watched) -> None:
    sqs, (url, arn) = watched.aws.client("sqs"), watched.aws.queue()
    watched.begin(
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": arn.rpartition(":")[2]}],
        Statistic="Maximum",
        Threshold=0.0,
    )
    watched.becomes("OK")
    sqs.send_message(QueueUrl=url, MessageBody="1")
    watched.becomes("ALARM")
    sqs.purge_queue(QueueUrl=url)
    watched.becomes("OK")


def test_a_topic_that_does_not_let_alarms_in_hears_nothing_and_the_history_says_why(
    strict: LocalAws,
) -> None:
    watched = _watched(strict)
    nobody = {"Version": "2012-10-17", "Statement": []}
    strict.client("sns").set_topic_attributes(
        TopicArn=watched.topic, AttributeName="Policy", AttributeValue=json.dumps(nobody)
    )
    watched.begin()
    watched.becomes("OK")

    assert eventually(lambda: watched.history("Action")) == [f"Failed to execute action {watched.topic}"]
    items = strict.client("cloudwatch").describe_alarm_history(
        AlarmName=watched.name, HistoryItemType="Action"
    )["AlarmHistoryItems"]
    assert "cloudwatch.amazonaws.com is not authorized to perform: sns:Publish" in items[0]["HistoryData"]


def test_expressions_of_dashboards_are_computed(watched: Watched) -> None:
    begin = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for minute, which, value in ((0, "a", 40.0), (5, "a", 0.0), (10, "a", 20.0), (10, "b", 3.0)):
        datum = {
            "MetricName": "Rows",
            "Dimensions": [{"Name": "which", "Value": which}],
            "Timestamp": begin + timedelta(minutes=minute),
            "Value": value,
        }
        watched.aws.client("cloudwatch").put_metric_data(Namespace=watched.name, MetricData=[datum])

    results = watched.aws.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {"Id": "share", "Expression": "100 * FILL(b, 0) / a", "Label": "bad"},
            {"Id": "sum", "Expression": "share + 1"},
            _stat(watched, "a"),
            _stat(watched, "b", "b"),
        ],
        StartTime=begin,
        EndTime=begin + timedelta(minutes=15),
        ScanBy="TimestampAscending",
    )["MetricDataResults"]

    assert [(each["Id"], each["Label"], each["Values"]) for each in results] == [
        ("share", "bad", [0.0, 15.0]),
        ("sum", "sum", [1.0, 16.0]),
    ]
    assert [moment.minute for moment in results[0]["Timestamps"]] == [0, 10]


def test_a_function_and_a_state_machine_that_fail_are_measured(watched: Watched) -> None:
    function = watched.aws.function("def handler(event, context): raise ValueError")
    machine = watched.aws.machine({"Say": {"Type": "Fail", "Error": "Told"}})
    other = _watched(watched.aws)
    for each, namespace, metric, dimension, value in (
        (watched, "AWS/Lambda", "Errors", "FunctionName", function.rpartition(":")[2]),
        (other, "AWS/States", "ExecutionsFailed", "StateMachineArn", machine),
    ):
        dimensions = [{"Name": dimension, "Value": value}]
        each.begin(Namespace=namespace, MetricName=metric, Dimensions=dimensions, Threshold=0.0)
        each.becomes("OK")

    watched.aws.client("lambda").invoke(FunctionName=function)
    watched.aws.ended(watched.aws.started(machine))

    assert {each.told(2)[1]["NewStateValue"] for each in (watched, other)} == {"ALARM"}


def test_what_the_demo_sets_off_is_told_by_mail_and_ends(watched: Watched) -> None:
    first, (_, arn) = replace(watched, name=f"0-{watched.name}"), watched.aws.queue()
    watched.aws.client("sns").subscribe(TopicArn=watched.topic, Protocol="email", Endpoint="you@example.com")
    first.begin(
        Namespace="AWS/SQS",
        MetricName="ApproximateNumberOfMessagesVisible",
        Dimensions=[{"Name": "QueueName", "Value": arn.rpartition(":")[2]}],
        Threshold=0.0,
    )
    first.becomes("OK")

    [check] = demo_alarms.checks(demo_alarms.set_off(watched.aws.settings))

    assert check.holds, check.detail
    assert check.detail == f"{first.name}: OK, ALARM, OK; 1 e-mail"
    assert list(demo_alarms.checks(None)) == []
