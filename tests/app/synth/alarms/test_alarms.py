"""Who is told of what, and when."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from config.schema import StageConfig
from config.use_cases import USE_CASES
from tests.app.support.business.stages import LOCAL, PROD, STAGES
from tests.app.support.template_reading import Template, flat, linked, machines_of, resources_of, training_of

every_primary = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
SEVEN_DAYS = 7 * 24 * 3600
STEPS = (
    "extract_dataset",
    "list_opt_outs",
    "compare_datasets",
    "judge_solution_version",
    "write_batch_input",
    "load_recommendations",
    "publish_generation",
    "tell_ending",
)


def observability_of(
    templates: dict[str, Template], stage: StageConfig, region: str | None = None
) -> Template:
    return linked(templates, f"{stage.id_in(region or stage.region)}-Observability")


def alarms_of(template: Template) -> list[dict[str, Any]]:
    return list(resources_of(template, "AWS::CloudWatch::Alarm").values())


def dimensions_of(alarm: dict[str, Any]) -> dict[str, str]:
    return {entry["Name"]: flat(entry["Value"]) for entry in alarm.get("Dimensions", ())}


def all_alarms(templates: dict[str, Template]) -> Iterator[dict[str, Any]]:
    for stage in STAGES:
        for region in stage.regions:
            yield from alarms_of(observability_of(templates, stage, region))


@every_primary
@pytest.mark.parametrize(
    "metric", ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionTime"]
)
def test_every_workflow_s_bad_endings_and_long_runs_are_watched(
    templates: dict[str, Template], stage: StageConfig, metric: str
) -> None:
    alarms = [
        alarm
        for alarm in alarms_of(observability_of(templates, stage))
        if alarm.get("MetricName") == metric and alarm["Namespace"] == "AWS/States"
    ]

    watched = {dimensions_of(alarm)["StateMachineArn"] for alarm in alarms}
    machines = machines_of(training_of(templates, stage))
    assert watched == {f"<{machine.logical_id}>" for machine in machines}
    for alarm in alarms:
        eighty_percent = stage.schedule.interval_hours * 48 * 60 * 1000
        expected = eighty_percent if metric == "ExecutionTime" else 1
        assert alarm["Threshold"] == expected
        assert alarm["TreatMissingData"] == "notBreaching"


@every_primary
def test_no_fresh_generation_for_longer_than_the_schedule_and_a_margin_is_an_alarm(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    alarms = [
        alarm
        for alarm in alarms_of(observability_of(templates, stage))
        if any(
            metric.get("Expression", "").startswith("FILL(fresh, 0)") for metric in alarm.get("Metrics", ())
        )
    ]

    watched = set()
    for alarm in alarms:
        metrics = {each["Id"]: each["MetricStat"] for each in alarm["Metrics"] if "MetricStat" in each}
        fresh, deployed = metrics["fresh"]["Metric"], metrics["deployed"]["Metric"]
        assert (fresh["Namespace"], dimensions_of(fresh)["stage"]) == ("Recommendations", stage.name)
        watched.add(dimensions_of(fresh)["use_case"])
        # A first deployment calls this function; a pipeline that never runs has its time, and no more.
        assert (deployed["Namespace"], deployed["MetricName"]) == ("AWS/Lambda", "Invocations")
        assert "SolutionSettings" in json.dumps(deployed["Dimensions"])
        [expression] = [each["Expression"] for each in alarm["Metrics"] if "Expression" in each]
        assert expression == "FILL(fresh, 0) + FILL(deployed, 0)"
        assert alarm["TreatMissingData"] == "breaching"
        assert alarm["ComparisonOperator"] == "LessThanThreshold" and alarm["Threshold"] == 1
        assert {metric["Period"] for metric in metrics.values()} == {3600}
        assert alarm["EvaluationPeriods"] > stage.schedule.interval_hours
        assert alarm["DatapointsToAlarm"] == alarm["EvaluationPeriods"]
    assert watched == {case.name for case in USE_CASES}


@every_primary
def test_every_function_s_errors_throttles_and_near_time_outs_are_watched(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    training = resources_of(training_of(templates, stage), "AWS::Lambda::Function")
    tracking = resources_of(templates[f"{stage.id_in(stage.region)}-Tracking"], "AWS::Lambda::Function")
    serving = resources_of(templates[f"{stage.id_in(stage.region)}-Serving"], "AWS::Lambda::Function")
    functions = training | tracking | serving
    alarms = [
        alarm
        for alarm in alarms_of(observability_of(templates, stage))
        if alarm.get("Namespace") == "AWS/Lambda"
    ]

    assert {f["Handler"] for f in training.values()} == {f"steps.{step}.lambda_handler" for step in STEPS}
    for metric in ("Errors", "Throttles", "Duration"):
        of_metric = [alarm for alarm in alarms if alarm["MetricName"] == metric]
        watched = {dimensions_of(alarm)["FunctionName"].strip("<>"): alarm for alarm in of_metric}
        assert set(watched) == set(functions)
        if metric == "Duration":
            for name, alarm in watched.items():
                assert alarm["Threshold"] == 850 * functions[name]["Timeout"]
                assert alarm["Statistic"] == "Maximum"


@every_primary
def test_rejected_rows_are_watched_per_dataset(templates: dict[str, Template], stage: StageConfig) -> None:
    watched = {
        (dimensions_of(alarm)["use_case"], dimensions_of(alarm)["dataset"])
        for alarm in alarms_of(observability_of(templates, stage))
        if alarm.get("MetricName") == "RowsRejectedShare"
    }

    assert watched == {(case.name, kind.value) for case in USE_CASES for kind in case.datasets}


@every_primary
@pytest.mark.parametrize(
    ("namespace", "metric", "count"),
    [
        ("Recommendations", "ModelJudgedWorse", len(USE_CASES)),
        ("Recommendations", "ListsCutShare", len(USE_CASES)),
        ("AWS/SQS", "ApproximateNumberOfMessagesVisible", 2),
        ("AWS/DynamoDB", "ReadThrottleEvents", 1),
        ("AWS/DynamoDB", "WriteThrottleEvents", 1),
    ],
)
def test_also_watched(
    templates: dict[str, Template], stage: StageConfig, namespace: str, metric: str, count: int
) -> None:
    alarms = [
        alarm
        for alarm in alarms_of(observability_of(templates, stage))
        if (alarm.get("Namespace"), alarm.get("MetricName")) == (namespace, metric)
    ]

    assert len(alarms) == count
    assert all(alarm["Threshold"] == 1 for alarm in alarms)


def test_a_few_slow_answers_at_night_are_no_alarm(templates: dict[str, Template]) -> None:
    for stage in STAGES:
        for region in stage.regions:
            [alarm] = [
                alarm
                for alarm in alarms_of(observability_of(templates, stage, region))
                if "p99" in json.dumps(alarm)
            ]
            read = {
                metric["Id"]: (metric["MetricStat"]["Metric"]["MetricName"], metric["MetricStat"]["Stat"])
                for metric in alarm["Metrics"]
                if "MetricStat" in metric
            }
            [expression] = [metric["Expression"] for metric in alarm["Metrics"] if "Expression" in metric]
            assert read == {"requests": ("Count", "Sum"), "latency": ("Latency", "p99")}
            assert expression == "IF(requests >= 100, latency, 0)"
            assert alarm["EvaluationPeriods"] == 3 and alarm["TreatMissingData"] == "notBreaching"


def test_dynamodb_s_own_errors_are_watched_in_every_region(templates: dict[str, Template]) -> None:
    for stage in STAGES:
        for region in stage.regions:
            alarms = alarms_of(observability_of(templates, stage, region))
            of_table = [alarm for alarm in alarms if "SystemErrors" in json.dumps(alarm.get("Metrics", ""))]
            assert len(of_table) == 1


def test_copies_that_arrive_late_are_watched_where_they_are_measured(templates: dict[str, Template]) -> None:
    late = {
        dimensions_of(alarm)["ReceivingRegion"]: alarm
        for alarm in alarms_of(observability_of(templates, PROD))
        if alarm.get("MetricName") == "ReplicationLatency"
    }

    assert set(late) == set(PROD.replica_regions)
    assert not [
        alarm
        for alarm in alarms_of(observability_of(templates, LOCAL))
        if alarm.get("MetricName") == "ReplicationLatency"
    ]


def test_every_alarm_tells_the_topic_of_its_region(templates: dict[str, Template]) -> None:
    for stage in STAGES:
        for region in stage.regions:
            template = observability_of(templates, stage, region)
            home = training_of(templates, stage) if region == stage.region else template
            [topic] = resources_of(home, "AWS::SNS::Topic")
            for alarm in alarms_of(template):
                assert [flat(action) for action in alarm["AlarmActions"]] == [f"<{topic}>"]


def test_every_alarm_says_what_happened_and_what_to_do(templates: dict[str, Template]) -> None:
    for alarm in all_alarms(templates):
        words = alarm["AlarmDescription"].split()
        assert len(words) >= 12, alarm["AlarmDescription"]
        assert alarm["AlarmDescription"].endswith(".")


def test_no_alarm_looks_back_further_than_cloudwatch_does(templates: dict[str, Template]) -> None:
    for alarm in all_alarms(templates):
        periods = [each["MetricStat"]["Period"] for each in alarm.get("Metrics", []) if "MetricStat" in each]
        period = alarm.get("Period") or min(periods)
        limit = SEVEN_DAYS if period >= 3600 else 24 * 3600
        assert period * alarm["EvaluationPeriods"] <= limit


def test_receivers_of_a_stage_subscribe_to_the_topic_of_each_region(templates: dict[str, Template]) -> None:
    for stage in STAGES:
        replicas = [observability_of(templates, stage, region) for region in stage.replica_regions]
        for template in (training_of(templates, stage), *replicas):
            subscriptions = resources_of(template, "AWS::SNS::Subscription").values()
            assert {entry["Endpoint"] for entry in subscriptions} == set(stage.alarm_emails)
            assert all(entry["Protocol"] == "email" for entry in subscriptions)


def test_topics_are_encrypted_for_whom_they_must_reach_and_take_tls_only(
    templates: dict[str, Template],
) -> None:
    for stage in STAGES:
        template = training_of(templates, stage)
        [topic] = resources_of(template, "AWS::SNS::Topic").values()
        [policy] = resources_of(template, "AWS::SNS::TopicPolicy").values()
        key = topic["KmsMasterKeyId"]["Fn::GetAtt"][0]
        cloudwatch = {"Service": "cloudwatch.amazonaws.com"}
        of_key = template["Resources"][key]["Properties"]["KeyPolicy"]["Statement"]
        of_topic = policy["PolicyDocument"]["Statement"]
        assert [one["Action"] for one in of_key if one["Principal"] == cloudwatch]
        assert [one["Action"] for one in of_topic if one["Principal"] == cloudwatch] == ["sns:Publish"]
        services = {str(one["Principal"].get("Service", "")) for one in of_topic if one["Effect"] == "Allow"}
        assert services == set(cloudwatch.values()), "nobody else but functions and machines with a right"
        denied = [s for s in policy["PolicyDocument"]["Statement"] if s["Effect"] == "Deny"]
        assert denied[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_every_region_has_one_dashboard_named_after_it(templates: dict[str, Template]) -> None:
    names = [
        properties["DashboardName"]
        for stage in STAGES
        for region in stage.regions
        for properties in resources_of(
            observability_of(templates, stage, region), "AWS::CloudWatch::Dashboard"
        ).values()
    ]

    wanted = [
        f"recs-{stage.name}-{region}{'-replica' if region in stage.replica_regions else ''}"
        for stage in STAGES
        for region in stage.regions
    ]
    assert sorted(names) == sorted(wanted), "a replica that becomes a standby has another name then"


@every_primary
def test_the_dashboard_shows_runs_data_models_lists_functions_and_table(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    [dashboard] = resources_of(observability_of(templates, stage), "AWS::CloudWatch::Dashboard").values()
    body = flat(dashboard["DashboardBody"])

    for metric in (
        "ExecutionsSucceeded",
        "ExecutionTime",
        "FreshGeneration",
        "RowsRead",
        "RowsRejectedShare",
        *{use_case.judgement.metric for use_case in USE_CASES},
        "UsersLoaded",
        "ErrorLines",
        "Duration",
        "ConsumedWriteCapacityUnits",
    ):
        assert f'"{metric}"' in body
    for use_case in USE_CASES:
        assert f'"{use_case.name}"' in body
