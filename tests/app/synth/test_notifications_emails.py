"""E-mails: what the domain's DNS needs, and what becomes of those that leave no trace by themselves."""

from typing import Any

import pytest

from config.schema import StageConfig
from tests.app.support.business.stages import STAGES
from tests.app.support.notifications_stack import every_primary, settings_of, stack_of
from tests.app.support.template_reading import Template, flat, resources_of

every_sending = pytest.mark.parametrize(
    "stage",
    [stage for stage in STAGES if stage.notifications and stage.notifications.sender],
    ids=lambda stage: stage.name,
)


def queues(template: Template) -> dict[str, Any]:
    found = resources_of(template, "AWS::SQS::Queue")
    return {name: queue for name, queue in found.items() if name.startswith("UnsentEmails")}


@every_primary
def test_the_records_that_verify_the_sender_are_outputs(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = stack_of(templates, stage)
    records = {flat(o["Value"]) for name, o in template["Outputs"].items() if name.startswith("DkimRecord")}
    identities = resources_of(template, "AWS::SES::EmailIdentity")
    assert records == {
        f"<{identity}.DkimDNSTokenName{n}> CNAME <{identity}.DkimDNSTokenValue{n}>"
        for identity in identities
        for n in (1, 2, 3)
    }
    sender = settings_of(stage).sender
    assert len(identities) == bool(sender and sender.creates_identity)


@every_sending
def test_what_ses_finds_after_its_answer_is_kept_and_watched(
    templates: dict[str, Template], stage: StageConfig
) -> None:
    template = stack_of(templates, stage)
    [(name, queue)] = queues(template).items()
    sets = {f"<{name}>" for name in resources_of(template, "AWS::SES::ConfigurationSet")}
    told = list(resources_of(template, "AWS::SES::ConfigurationSetEventDestination").values())
    assert sets and {flat(entry["ConfigurationSetName"]) for entry in told} == sets
    for entry in told:
        destination = entry["EventDestination"]
        assert destination["Enabled"] is True
        assert set(destination["MatchingEventTypes"]) == {"RENDERING_FAILURE", "REJECT"}
        bus = flat(destination["EventBridgeDestination"]["EventBusArn"])
        assert bus.endswith(":event-bus/default")
    [rule] = [
        rule
        for rule in resources_of(template, "AWS::Events::Rule").values()
        if rule["EventPattern"]["source"] == ["aws.ses"]
    ]
    tags = rule["EventPattern"]["detail"]["mail"]["tags"]
    assert {flat(of) for of in tags["ses:configuration-set"]} == sets
    assert [flat(target["Arn"]) for target in rule["Targets"]] == [f"<{name}.Arn>"]
    assert queue["SqsManagedSseEnabled"] is True
    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    [alarm] = [
        alarm
        for alarm in resources_of(template, "AWS::CloudWatch::Alarm").values()
        if f"<{name}.QueueName>" in [flat(entry["Value"]) for entry in alarm.get("Dimensions", ())]
    ]
    assert (alarm["MetricName"], alarm["Threshold"]) == ("ApproximateNumberOfMessagesVisible", 1)


def test_a_stage_that_sends_no_e_mails_keeps_none(templates: dict[str, Template]) -> None:
    silent = [stage for stage in STAGES if stage.notifications and not stage.notifications.sender]
    assert silent
    assert not any(queues(stack_of(templates, stage)) for stage in silent)
