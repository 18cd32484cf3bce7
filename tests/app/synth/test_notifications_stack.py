"""The notifications stack: when it starts, what it watches, and what its templates must not hold."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app import build_app
from config.derived.names import api_address_parameter, notifications_table_name, unsubscribe_secret_name
from config.notifications import NOTIFICATIONS
from config.schema import StageConfig
from steps import notify
from tests.app.support.business.stages import DEV, PROD, STAGING
from tests.app.support.notifications_stack import every_primary, function_of, settings_of, stack_of
from tests.app.support.template_reading import Machine, Template, flat, machines_of, resources_of, training_of

STEPS = ("plan_notifications", "notify", "report_notifications")


@every_primary
def test_a_run_starts_once_a_week_by_the_clock_of_the_stage(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    settings, template = settings_of(stage), stack_of(templates, stage)
    schedules = list(resources_of(template, "AWS::Scheduler::Schedule").values())
    assert len(schedules) == len(NOTIFICATIONS)
    for schedule in schedules:
        assert schedule["ScheduleExpression"] == settings.expression
        assert schedule["ScheduleExpressionTimezone"] == settings.time_zone
        assert schedule.get("State", "ENABLED") == ("ENABLED" if settings.enabled else "DISABLED")
        assert json.loads(schedule["Target"]["Input"]) == {"trigger": "schedule"}
        assert flat(schedule["Target"]["DeadLetterConfig"]["Arn"]).startswith("<DeadLetters")


def machine_of(templates: dict[str, Template], stage: StageConfig) -> Machine:
    [machine] = machines_of(stack_of(templates, stage))
    return machine


@every_primary
def test_no_failure_is_caught_so_that_every_one_can_be_redriven(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    for name, state, _ in machine_of(templates, stage).states():
        assert "Catch" not in state, name
        assert state["Type"] not in ("Parallel", "Fail"), name


@every_primary
def test_executions_hear_of_shards_and_never_of_people(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    [shards] = [s for _, s, _ in machine_of(templates, stage).states() if s["Type"] == "Map"]
    assert shards["ItemReader"]["Arguments"]["Key"] == "{% $plan.shardsKey %}"
    assert set(shards["ItemSelector"]) == {
        "shard", "run", "dryRun", "resendUncertain", "week", "epoch", "generation", "folder", "next",
    }  # fmt: skip


@every_primary
def test_what_a_shard_answers_leaves_room_for_every_shard_in_the_map_s_result(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    [shards] = [s for _, s, _ in machine_of(templates, stage).states() if s["Type"] == "Map"]
    [done] = [s for s in shards["ItemProcessor"]["States"].values() if s["Type"] == "Succeed"]
    assert "ResultWriter" not in shards and done["Output"] == {}


@every_primary
def test_a_call_that_stops_in_time_is_not_near_its_time_out(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = stack_of(templates, stage)
    [threshold] = [
        alarm["Threshold"]
        for alarm in resources_of(template, "AWS::CloudWatch::Alarm").values()
        if alarm["MetricName"] == "Duration" and "function notify " in alarm["AlarmDescription"]
    ]
    stops = function_of(template, "notify")["Timeout"] - notify.SECONDS_TO_FINISH
    assert 1000 * (stops + 30) <= threshold, "the last user takes time as well"


@every_primary
def test_a_development_stage_only_writes_what_it_would_send(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    definition = machine_of(templates, stage).definition
    expression = definition["States"]["Name the run"]["Assign"]["dryRun"]
    assert expression.endswith(f": {str(settings_of(stage).dry_run).lower()} %}}")
    if stage is DEV:
        assert not resources_of(stack_of(templates, stage), "AWS::SES::Template")


@every_primary
def test_the_secret_is_made_by_secrets_manager_and_known_to_nobody(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    [secret] = resources_of(stack_of(templates, stage), "AWS::SecretsManager::Secret").values()
    assert secret["GenerateSecretString"]["PasswordLength"] >= 32
    assert "SecretString" not in secret
    assert secret["Name"] == unsubscribe_secret_name(stage.name)
    replicas = {entry["Region"] for entry in secret.get("ReplicaRegions", ())}
    assert replicas == set(stage.replica_regions)


@every_primary
def test_the_table_is_in_every_region_of_the_stage(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    [table] = resources_of(stack_of(templates, stage), "AWS::DynamoDB::GlobalTable").values()
    assert table["TableName"] == notifications_table_name(stage.name)
    assert {replica["Region"] for replica in table["Replicas"]} == set(stage.regions)
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}


def test_production_keeps_inboxes_devices_and_the_secret(templates: dict[str, Template]) -> None:
    for type_ in ("AWS::DynamoDB::GlobalTable", "AWS::SecretsManager::Secret"):
        [kept] = [r for r in stack_of(templates, PROD)["Resources"].values() if r["Type"] == type_]
        assert kept["DeletionPolicy"] == "RetainExceptOnCreate"


@every_primary
def test_bounces_and_complaints_get_no_further_e_mails(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    sets = list(resources_of(stack_of(templates, stage), "AWS::SES::ConfigurationSet").values())
    assert len(sets) == (1 if settings_of(stage).sender else 0)
    for settings in sets:
        assert settings["SuppressionOptions"] == {"SuppressedReasons": ["BOUNCE", "COMPLAINT"]}
        assert settings["DeliveryOptions"] == {"TlsPolicy": "REQUIRE"}


def test_every_language_has_a_template_with_a_link_to_unsubscribe(templates: dict[str, Template]) -> None:
    found = resources_of(stack_of(templates, PROD), "AWS::SES::Template").values()
    languages = {entry["Template"]["TemplateName"].rsplit("-", 1)[1] for entry in found}
    assert languages >= {"en", "de"}
    for entry in found:
        for part in ("HtmlPart", "TextPart"):
            assert "{{unsubscribeUrl}}" in entry["Template"][part]


@every_primary
def test_bad_endings_refused_messages_and_messages_in_doubt_are_alarms(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = stack_of(templates, stage)
    [topic] = resources_of(training_of(templates, stage), "AWS::SNS::Topic")
    alarms = list(resources_of(template, "AWS::CloudWatch::Alarm").values())
    watched = {(alarm["Namespace"], alarm["MetricName"]) for alarm in alarms}
    assert watched >= {
        ("AWS/States", "ExecutionsFailed"), ("AWS/States", "ExecutionsTimedOut"),
        ("AWS/States", "ExecutionsAborted"), ("Recommendations", "Failed"),
        ("Recommendations", "Uncertain"), ("AWS/SQS", "ApproximateNumberOfMessagesVisible"),
        ("AWS/Lambda", "Errors"), ("AWS/Lambda", "Throttles"), ("AWS/Lambda", "Duration"),
    }  # fmt: skip
    for alarm in alarms:
        assert [flat(action) for action in alarm["AlarmActions"]] == [f"<{topic}>"]
        assert len(alarm["AlarmDescription"].split()) >= 12


@every_primary
def test_runs_that_ended_badly_are_told_with_their_error(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    rules = [
        rule
        for rule in resources_of(stack_of(templates, stage), "AWS::Events::Rule").values()
        if rule["EventPattern"]["source"] == ["aws.states"]
    ]
    statuses = {status for rule in rules for status in rule["EventPattern"]["detail"]["status"]}
    assert statuses == {"FAILED", "TIMED_OUT", "ABORTED"}


@every_primary
def test_functions_know_names_and_nothing_else(templates: dict[str, Template], stage: StageConfig) -> None:
    variables = function_of(stack_of(templates, stage), "notify")["Environment"]["Variables"]
    assert variables["NOTIFICATIONS_TABLE"] == notifications_table_name(stage.name)
    assert variables["UNSUBSCRIBE_SECRET"] == unsubscribe_secret_name(stage.name)
    assert variables["API_ADDRESS_PARAMETER"] == api_address_parameter(stage.name)


@pytest.mark.prove
def test_the_sender_s_identity_belongs_to_no_single_notification(
    templates: dict[str, Template], tmp_path: Path, no_bundling: dict[str, Any]
) -> None:
    """One more that comes first in the alphabet must not make it anew: the account has it already."""
    another = replace(NOTIFICATIONS[0], name="another")

    build_app(
        (STAGING,), notifications=(another, *NOTIFICATIONS), outdir=str(tmp_path), context=no_bundling
    ).synth()

    [file] = tmp_path.glob("assembly-Staging-*/*Notifications*.template.json")
    found = resources_of(json.loads(file.read_text()), "AWS::SES::EmailIdentity")
    assert len(found) == 1
    assert found == resources_of(stack_of(templates, STAGING), "AWS::SES::EmailIdentity")
