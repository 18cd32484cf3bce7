"""Alarms, subscriptions, dead letters and logs that go."""

from typing import Any

from tests.app.synth.review.mutating import Resources, Table, one, remove, with_property

WATCH = Table()
ALARM, RULE, QUEUE = "CloudWatch::Alarm", "Events::Rule", "SQS::Queue"


@WATCH.of("Observability", "WATCH-001")
def an_alarm_is_removed(resources: Resources) -> None:
    remove(resources, ALARM)


@WATCH.of("Observability", "WATCH-002")
def an_alarm_tells_nobody(resources: Resources) -> None:
    one(resources, ALARM)["AlarmActions"] = []


@WATCH.of("Observability", "WATCH-002")
def the_actions_of_an_alarm_are_off(resources: Resources) -> None:
    one(resources, ALARM)["ActionsEnabled"] = False


@WATCH.of("Observability", "WATCH-003")
def an_alarm_begins_at_a_higher_value(resources: Resources) -> None:
    one(resources, ALARM)["Threshold"] = 1_000


@WATCH.of("Observability", "WATCH-003")
def an_alarm_begins_later(resources: Resources) -> None:
    one(resources, ALARM)["EvaluationPeriods"] = 24


@WATCH.of("Observability", "WATCH-004")
def missing_data_is_no_failure(resources: Resources) -> None:
    one(resources, ALARM)["TreatMissingData"] = "ignore"


@WATCH.of("Observability", "WATCH-005")
def an_alarm_watches_another_metric(resources: Resources) -> None:
    with_property(resources, ALARM, "MetricName")["MetricName"] = "Invocations"


@WATCH.of("Observability", "WATCH-005")
def an_alarm_watches_another_function(resources: Resources) -> None:
    with_property(resources, ALARM, "Dimensions")["Dimensions"][0]["Value"] = "another"


@WATCH.of("Observability", "WATCH-011")
def an_alarm_is_added(resources: Resources) -> None:
    properties = {**one(resources, ALARM), "Threshold": 77}
    resources["NewAlarm"] = {"Type": f"AWS::{ALARM}", "Properties": properties}


@WATCH.of("Observability", "WATCH-006")
def the_dashboard_is_removed(resources: Resources) -> None:
    remove(resources, "CloudWatch::Dashboard")


@WATCH.of("Observability", "WATCH-012")
def a_graph_is_taken_from_the_dashboard(resources: Resources) -> None:
    body = one(resources, "CloudWatch::Dashboard")["DashboardBody"]
    parts = body["Fn::Join"][1]
    parts[0] = parts[0].replace("How runs ended", "Runs")
    assert "Runs" in parts[0]


@WATCH.of("Training", "WATCH-007")
def somebody_is_no_longer_told(resources: Resources) -> None:
    remove(resources, "SNS::Subscription")


@WATCH.of("Training", "WATCH-007")
def somebody_else_is_told(resources: Resources) -> None:
    one(resources, "SNS::Subscription")["Endpoint"] = "somebody.else@example.com"


@WATCH.of("Training", "WATCH-007")
def the_topic_of_failures_is_removed(resources: Resources) -> None:
    remove(resources, "SNS::Topic")


@WATCH.of("Training", "WATCH-008")
def a_rule_of_events_is_disabled(resources: Resources) -> None:
    one(resources, RULE)["State"] = "DISABLED"


@WATCH.of("Training", "WATCH-008")
def a_rule_matches_fewer_events(resources: Resources) -> None:
    one(resources, RULE)["EventPattern"]["source"] = ["aws.nothing"]


@WATCH.of("Training", "WATCH-008")
def a_rule_of_events_is_removed(resources: Resources) -> None:
    remove(resources, RULE)


@WATCH.of("Notifications", "WATCH-008")
def fewer_failures_of_emails_are_told(resources: Resources) -> None:
    destination = one(resources, "SES::ConfigurationSetEventDestination")
    destination["EventDestination"]["MatchingEventTypes"] = ["REJECT"]


@WATCH.of("Training", "WATCH-009")
def a_workflow_logs_nothing(resources: Resources) -> None:
    del one(resources, "StepFunctions::StateMachine")["LoggingConfiguration"]


@WATCH.of("Serving", "WATCH-009")
def the_api_has_no_access_log(resources: Resources) -> None:
    del one(resources, "ApiGatewayV2::Stage")["AccessLogSettings"]


@WATCH.of("Training", "WATCH-009")
def a_function_is_not_traced(resources: Resources) -> None:
    del with_property(resources, "Lambda::Function", "TracingConfig")["TracingConfig"]


@WATCH.of("Training", "WATCH-009")
def a_log_group_is_removed(resources: Resources) -> None:
    remove(resources, "Logs::LogGroup")


@WATCH.of("Tracking", "WATCH-010")
def failed_messages_are_not_kept(resources: Resources) -> None:
    del with_property(resources, QUEUE, "RedrivePolicy")["RedrivePolicy"]


@WATCH.of("Tracking", "WATCH-010")
def failures_of_single_messages_are_not_reported(resources: Resources) -> None:
    del one(resources, "Lambda::EventSourceMapping")["FunctionResponseTypes"]


@WATCH.of("Training", "WATCH-010")
def a_schedule_that_cannot_start_is_forgotten(resources: Resources) -> None:
    target: Any = one(resources, "Scheduler::Schedule")["Target"]
    del target["DeadLetterConfig"]


def metric_filter(resources: Resources) -> None:
    resources["Filter"] = {"Type": "AWS::Logs::MetricFilter", "Properties": {"FilterPattern": "ERROR"}}


@WATCH.of("Training", "WATCH-001", given=metric_filter)
def a_metric_of_a_log_is_removed(resources: Resources) -> None:
    del resources["Filter"]


def shut_out(statements: list[dict[str, Any]]) -> None:
    """CloudWatch, of what a policy lets in."""
    kept = [one for one in statements if one["Principal"] != {"Service": "cloudwatch.amazonaws.com"}]
    assert len(kept) == len(statements) - 1
    statements[:] = kept


@WATCH.of("Training", "ACCESS-021", "WATCH-002")
def alarms_may_no_longer_publish_to_their_topic(resources: Resources) -> None:
    shut_out(one(resources, "SNS::TopicPolicy")["PolicyDocument"]["Statement"])


@WATCH.of("Training", "WATCH-002")
def a_topic_of_alarms_denies_everybody(resources: Resources) -> None:
    policy = one(resources, "SNS::TopicPolicy")
    denial = {"Effect": "Deny", "Principal": "*", "Action": "sns:Publish", "Resource": "*"}
    policy["PolicyDocument"]["Statement"].append(denial)


@WATCH.of("Training", "WATCH-002")
def alarms_may_no_longer_use_the_key_of_their_topic(resources: Resources) -> None:
    topic = one(resources, "SNS::Topic")
    key = topic["KmsMasterKeyId"]["Fn::GetAtt"][0]
    shut_out(resources[key]["Properties"]["KeyPolicy"]["Statement"])
