"""The stack that posted events end in: queue, consumer, table, trackers, and what watches conversion."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from config.derived.names import PersonalizeNames, events_queue_name, tracking_table_name
from config.schema import StageConfig
from config.use_cases import USE_CASES
from pipeline.serving.settings import REALTIME
from pipeline.tracking.posting import SOURCES, VARIANTS
from tests.app.support.business.stages import PROD, STAGES
from tests.app.support.template_reading import Right, Template, flat, linked, resources_of, rights_of

every_primary = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
TRACKED = {case.name: case.tracking for case in USE_CASES if case.tracking}


def tracking_of(templates: dict[str, Template], stage: StageConfig) -> Template:
    return linked(templates, f"{stage.id_in(stage.region)}-Tracking")


def alarms_of(templates: dict[str, Template], stage: StageConfig) -> list[dict[str, Any]]:
    template = linked(templates, f"{stage.id_in(stage.region)}-Observability")
    return list(resources_of(template, "AWS::CloudWatch::Alarm").values())


def the(template: Template, type_: str) -> dict[str, Any]:
    [found] = resources_of(template, type_).values()
    properties: dict[str, Any] = found
    return properties


def queues_of(template: Template) -> tuple[str, dict[str, Any], str, dict[str, Any]]:
    """Logical id and properties of the queue, then of the dead letters' queue."""
    queues = resources_of(template, "AWS::SQS::Queue")
    [(dead_id, dead)] = [entry for entry in queues.items() if entry[1]["QueueName"].endswith("-dead")]
    [(main_id, main)] = [entry for entry in queues.items() if entry[0] != dead_id]
    return main_id, main, dead_id, dead


@every_primary
def test_messages_that_fail_again_and_again_end_in_a_queue_of_their_own_that_keeps_them_longer(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    main_id, main, dead_id, dead = queues_of(tracking_of(templates, stage))

    assert main["QueueName"] == events_queue_name(stage.name)
    assert flat(main["RedrivePolicy"]["deadLetterTargetArn"]) == f"<{dead_id}.Arn>"
    assert main["RedrivePolicy"]["maxReceiveCount"] >= 5
    assert dead["MessageRetentionPeriod"] == 14 * 86_400 > main["MessageRetentionPeriod"]
    assert dead["RedriveAllowPolicy"]["redrivePermission"] == "byQueue"
    assert all(
        flat(arn).endswith(f":{main['QueueName']}") for arn in dead["RedriveAllowPolicy"]["sourceQueueArns"]
    )
    assert main_id != dead_id


@every_primary
def test_queues_are_encrypted_and_take_tls_only(templates: dict[str, Template], stage: StageConfig) -> None:
    template = tracking_of(templates, stage)
    queues = resources_of(template, "AWS::SQS::Queue")

    assert all(queue["SqsManagedSseEnabled"] for queue in queues.values())
    denied = {
        policy["Queues"][0]["Ref"]
        for policy in resources_of(template, "AWS::SQS::QueuePolicy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }
    assert denied == set(queues)


@every_primary
def test_the_consumer_answers_for_each_message_and_has_time_before_messages_come_back(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = tracking_of(templates, stage)
    main_id, main, _, _ = queues_of(template)
    mapping, function = (the(template, f"AWS::Lambda::{name}") for name in ("EventSourceMapping", "Function"))

    assert flat(mapping["EventSourceArn"]) == f"<{main_id}.Arn>"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["BatchSize"] > 10 and mapping["MaximumBatchingWindowInSeconds"] >= 1
    assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2
    assert main["VisibilityTimeout"] >= 6 * function["Timeout"]


@every_primary
def test_the_consumer_may_do_what_it_does_and_nothing_else(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = tracking_of(templates, stage)
    function = the(template, "AWS::Lambda::Function")
    [table] = resources_of(template, "AWS::DynamoDB::GlobalTable")
    main_id, *_ = queues_of(template)
    where = f"arn:<AWS::Partition>:personalize:{stage.region}:{stage.account}"
    log_group = f"<{function['LoggingConfig']['LogGroup']['Ref']}.Arn>"
    data = templates[f"{stage.id_in(stage.region)}-Data"]
    [key] = resources_of(data, "AWS::KMS::Key")
    [bucket] = [n for n, p in resources_of(data, "AWS::S3::Bucket").items() if "LoggingConfiguration" in p]
    [serving] = resources_of(data, "AWS::DynamoDB::GlobalTable")

    allowed = rights_of(template, function["Role"]["Fn::GetAtt"][0])

    expected = {
        *(Right(f"sqs:{name}Message", f"<{main_id}.Arn>") for name in ("Receive", "Delete")),
        Right("sqs:GetQueueAttributes", f"<{main_id}.Arn>"),
        *(Right(f"dynamodb:{name}Item", f"<{table}.Arn>") for name in ("Delete", "Get", "Put", "Update")),
        Right("dynamodb:Query", f"<{table}.Arn>"),
        _leading("GetItem", serving, "experiment#*"),
        _leading("Query", serving, "region#active"),
        Right("s3:PutObject", f"<{bucket}.Arn>/events/*"),
        Right("kms:GenerateDataKey", f"<{key}.Arn>"),
        Right("personalize:PutEvents", "*"),
        *(
            Right(action, f"{where}:dataset/{PersonalizeNames(stage.name, case).dataset_group}/{kind}")
            for case in USE_CASES
            for action, kind, dataset in (
                ("personalize:PutUsers", "USERS", case.users),
                ("personalize:PutItems", "ITEMS", case.items),
            )
            if dataset and case.tracking
        ),
        *(Right(f"logs:{name}", log_group) for name in ("CreateLogStream", "PutLogEvents")),
        *(Right(f"xray:{name}", "*") for name in ("PutTelemetryRecords", "PutTraceSegments")),
    }
    partition = "arn:aws:", "arn:<AWS::Partition>:"
    assert {replace(right, resource=right.resource.replace(*partition)) for right in allowed} == expected


def _leading(action: str, table: str, key: str) -> Right:
    condition = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [key]}}
    return Right(f"dynamodb:{action}", f"<{table}.Arn>", json.dumps(condition))


@every_primary
def test_use_cases_have_an_event_tracker_where_they_are_configured_so(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = tracking_of(templates, stage)
    trackers = resources_of(template, "AWS::Personalize::EventTracker")

    wanted = {
        PersonalizeNames(stage.name, case).event_tracker
        for case in USE_CASES
        if case.tracking and case.tracking.event_tracker
    }
    assert wanted and {tracker["Name"] for tracker in trackers.values()} == wanted
    told = the(template, "AWS::Lambda::Function")["Environment"]["Variables"]["TRACKED_USE_CASES"]
    for name in trackers:
        assert f"<{name}.TrackingId>" in flat(told)
        assert template["Resources"][name]["DeletionPolicy"] == "Delete"


@every_primary
def test_the_consumer_is_told_of_every_tracked_use_case(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    variables = the(tracking_of(templates, stage), "AWS::Lambda::Function")["Environment"]["Variables"]

    told = json.loads(flat(variables["TRACKED_USE_CASES"]))

    assert set(told) == set(TRACKED)
    for case in USE_CASES:
        if case.tracking:
            assert told[case.name]["actions"] == list(case.tracking.actions)
            assert told[case.name]["eventTypes"] == [event.name for event in case.event_types]


def test_only_production_s_counters_outlive_their_stack(templates: dict[str, Template]) -> None:
    for stage in STAGES:
        [table] = [
            resource
            for resource in tracking_of(templates, stage)["Resources"].values()
            if resource["Type"] == "AWS::DynamoDB::GlobalTable"
        ]
        assert table["Properties"]["TableName"] == tracking_table_name(stage.name)
        assert table["Properties"]["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
        assert (table["DeletionPolicy"] != "Delete") == (stage is PROD)


@every_primary
def test_conversion_below_the_floor_is_an_alarm_once_there_is_enough_traffic(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    for name, tracking in TRACKED.items():
        [alarm] = [
            alarm
            for alarm in alarms_of(templates, stage)
            if "ImpressionsPerDay" in (text := json.dumps(alarm.get("Metrics", ""))) and f'"{name}"' in text
        ]
        [expression] = [entry["Expression"] for entry in alarm["Metrics"] if "Expression" in entry]
        statistics = {entry["MetricStat"]["Stat"] for entry in alarm["Metrics"] if "MetricStat" in entry}
        assert f"impressions >= {tracking.conversion.minimum_impressions}" in expression
        assert alarm["Threshold"] == pytest.approx(100 * tracking.conversion.floor)
        assert alarm["ComparisonOperator"] == "LessThanThreshold"
        assert alarm["TreatMissingData"] == "notBreaching"
        assert alarm["EvaluationPeriods"] == alarm["DatapointsToAlarm"] == 2, "today alone says too little"
        assert statistics == {"Maximum"}


@every_primary
def test_events_that_wait_or_end_in_the_dead_letter_queue_are_an_alarm(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    main_id, _, dead_id, _ = queues_of(tracking_of(templates, stage))
    watched = {
        (alarm["MetricName"], flat(alarm["Dimensions"][0]["Value"]))
        for alarm in alarms_of(templates, stage)
        if alarm.get("Namespace") == "AWS/SQS"
    }

    assert ("ApproximateNumberOfMessagesVisible", f"<{dead_id}.QueueName>") in watched
    assert ("ApproximateAgeOfOldestMessage", f"<{main_id}.QueueName>") in watched


@every_primary
def test_the_dashboard_shows_conversion_with_its_goal(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = linked(templates, f"{stage.id_in(stage.region)}-Observability")
    body = json.loads(flat(the(template, "AWS::CloudWatch::Dashboard")["DashboardBody"]))

    for name, tracking in TRACKED.items():
        [widget] = [
            widget["properties"]
            for widget in body["widgets"]
            if widget["properties"]["title"] == f"Conversion of {name}, per day (%)"
        ]
        lines = {line["value"] for line in widget["annotations"]["horizontal"]}
        assert lines == {100 * tracking.conversion.goal, 100 * tracking.conversion.floor}


@every_primary
def test_the_dashboard_divides_the_two_counts_of_each_variant_and_source(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = linked(templates, f"{stage.id_in(stage.region)}-Observability")
    body = json.loads(flat(the(template, "AWS::CloudWatch::Dashboard")["DashboardBody"]))

    for name, tracking in TRACKED.items():
        [widget] = [
            widget["properties"]
            for widget in body["widgets"]
            if widget["properties"]["title"] == f"Conversion of {name} by variant and source, per day (%)"
        ]
        expressions = [entry[0]["expression"] for entry in widget["metrics"] if isinstance(entry[0], dict)]
        counts = {entry[-1]["id"]: entry for entry in widget["metrics"] if isinstance(entry[0], str)}
        shown = set()
        for expression in expressions:
            found = re.fullmatch(r"100 \* (\w+) / (\w+)", expression)
            assert found, expression
            actions, impressions = (counts[id_] for id_ in found.groups())
            assert actions[:2] == ["Recommendations", "ActionsPerDay"]
            assert impressions[:2] == ["Recommendations", "ImpressionsPerDay"]
            assert actions[2:-1] == impressions[2:-1]
            assert (actions[-1]["stat"], impressions[-1]["stat"]) == ("Maximum", "Maximum")
            of = dict(zip(actions[2:-1:2], actions[3:-1:2], strict=True))
            assert (of["stage"], of["use_case"]) == (stage.name, name)
            shown.add((of["variant"], of["source"]))
        everywhere = {(variant, source) for variant in VARIANTS[:2] for source in SOURCES}
        assert shown == {(variant, source) for variant, source in everywhere if source != REALTIME}
        assert [line["value"] for line in widget["annotations"]["horizontal"]] == [
            100 * tracking.conversion.goal
        ]


@pytest.mark.parametrize(
    ("stage", "region"),
    [(stage, region) for stage in STAGES for region in stage.regions],
    ids=lambda value: str(getattr(value, "name", value)),
)
def test_the_api_of_every_region_may_send_to_the_primary_s_queue_and_do_nothing_else(
    templates: dict[str, Template], stage: StageConfig, region: str
) -> None:
    template = linked(templates, f"{stage.id_in(region)}-Serving")
    [function] = [
        properties
        for properties in resources_of(template, "AWS::Lambda::Function").values()
        if properties["Handler"] == "api.events.lambda_handler"
    ]
    variables = function["Environment"]["Variables"]
    queue = f"arn:aws:sqs:{stage.region}:{stage.account}:{events_queue_name(stage.name)}"
    log_group = f"<{function['LoggingConfig']['LogGroup']['Ref']}.Arn>"

    allowed = rights_of(template, function["Role"]["Fn::GetAtt"][0])

    assert allowed == {
        *(Right(f"sqs:{name}", queue) for name in ("GetQueueUrl", "SendMessage")),
        *(Right(f"logs:{name}", log_group) for name in ("CreateLogStream", "PutLogEvents")),
        *(Right(f"xray:{name}", "*") for name in ("PutTelemetryRecords", "PutTraceSegments")),
    }
    assert function["Timeout"] == 10, "what api.events waits for the queue at most is less"
    assert variables["EVENTS_QUEUE_REGION"] == stage.region
    assert set(json.loads(variables["TRACKED_USE_CASES"])) == set(TRACKED)
