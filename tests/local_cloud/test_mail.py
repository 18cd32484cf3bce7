"""E-mail and push of the local cloud: what a service would send is in the outbox."""

import json
from typing import Any
from uuid import uuid4

import pytest

from local_cloud import outbox
from tests.local_cloud.support.local_aws import LocalAws

SENDER = "Programs <programs@mail.example.com>"


@pytest.fixture(scope="module")
def ses(aws: LocalAws) -> Any:
    client = aws.client("sesv2")
    client.create_email_identity(EmailIdentity="mail.example.com")
    client.create_email_template(
        TemplateName="weekly",
        TemplateContent={
            "Subject": "Three programs for {{name}}",
            "Html": "<ul>{{#each programs}}<li>{{title}}</li>{{else}}none{{/each}}</ul>{{{footer}}}",
            "Text": "{{#if programs}}{{programs.0.title}}{{/if}} for {{name}}",
        },
    )
    return client


def send(ses: Any, to: str, data: dict[str, Any], **more: Any) -> str:
    template = {"TemplateName": "weekly", "TemplateData": json.dumps(data), **more.pop("template", {})}
    return str(
        ses.send_email(
            FromEmailAddress=SENDER,
            Destination={"ToAddresses": [to]},
            Content={"Template": template},
            **more,
        )["MessageId"]
    )


def sent(aws: LocalAws, to: str) -> list[outbox.Email]:
    return [email for email in outbox.emails(aws.settings.state_dir) if email.to == to]


def test_an_email_is_rendered_from_its_template_with_its_headers(aws: LocalAws, ses: Any) -> None:
    unsubscribe = {"Name": "List-Unsubscribe", "Value": "<https://api.example.com/u?t=1>"}
    data = {"name": "A & B", "programs": [{"title": "Run <10k>"}], "footer": "<hr>"}

    message_id = send(ses, "one@example.com", data, template={"Headers": [unsubscribe]})

    [email] = sent(aws, "one@example.com")
    assert email.subject == "Three programs for A & B"
    assert email.html == "<ul><li>Run &lt;10k&gt;</li></ul><hr>"
    assert email.text == "Run <10k> for A & B"
    assert email.headers == {"List-Unsubscribe": "<https://api.example.com/u?t=1>"}
    assert (email.sender, email.template, email.message_id) == (SENDER, "weekly", message_id)


def test_data_that_are_no_json_are_refused(aws: LocalAws, ses: Any) -> None:
    with pytest.raises(ses.exceptions.BadRequestException, match="data is invalid"):
        ses.send_email(
            FromEmailAddress=SENDER,
            Destination={"ToAddresses": ["none@example.com"]},
            Content={"Template": {"TemplateName": "weekly", "TemplateData": "["}},
        )
    assert sent(aws, "none@example.com") == []


@pytest.mark.parametrize("kind", ["RENDERING_FAILURE", "renderingFailure"])
def test_a_template_without_its_data_is_told_to_the_event_destination(
    aws: LocalAws, ses: Any, kind: str
) -> None:
    """The e-mail is accepted all the same. The kind may be spelt as SES's first API does."""
    name, events = f"set-{uuid4().hex[:8]}", aws.client("events")
    ses.create_configuration_set(ConfigurationSetName=name)
    bus = f"arn:aws:events:{aws.settings.region}:{aws.settings.account}:event-bus/default"
    destination = {"Enabled": True, "MatchingEventTypes": [kind]}
    ses.create_configuration_set_event_destination(
        ConfigurationSetName=name,
        EventDestinationName="told",
        EventDestination={**destination, "EventBridgeDestination": {"EventBusArn": bus}},
    )
    url, queue = aws.queue()
    pattern = {"source": ["aws.ses"], "detail": {"mail": {"tags": {"ses:configuration-set": [name]}}}}
    events.put_rule(Name=name, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=name, Targets=[{"Id": "1", "Arn": queue}])

    message_id = send(ses, "none@example.com", {"programs": [], "footer": ""}, ConfigurationSetName=name)

    [event] = [json.loads(text) for text in aws.received(url)]
    assert event["detail"]["mail"]["messageId"] == message_id
    assert "'name' is not present" in event["detail"]["failure"]["errorMessage"]
    assert sent(aws, "none@example.com") == []


@pytest.mark.parametrize("content", ["{{#each a}}", "{{/if}}", "{{> partial}}", "{{#repeat 3}}{{/repeat}}"])
def test_a_template_that_cannot_be_rendered_is_not_stored(ses: Any, content: str) -> None:
    with pytest.raises(ses.exceptions.BadRequestException):
        ses.create_email_template(
            TemplateName=f"t-{uuid4().hex}", TemplateContent={"Subject": "x", "Html": content}
        )


def test_an_identity_is_made_once(ses: Any) -> None:
    with pytest.raises(ses.exceptions.AlreadyExistsException, match=r"mail\.example\.com"):
        ses.create_email_identity(EmailIdentity="mail.example.com")


def test_templates_are_shown_by_the_older_api_too(aws: LocalAws, ses: Any) -> None:
    older = aws.client("ses")

    listed = {each["Name"]: each["CreatedTimestamp"] for each in older.list_templates()["TemplatesMetadata"]}

    assert listed["weekly"].year >= 2026
    template = older.get_template(TemplateName="weekly")["Template"]
    assert (template["TemplateName"], template["SubjectPart"]) == ("weekly", "Three programs for {{name}}")
    assert template["TextPart"] == "{{#if programs}}{{programs.0.title}}{{/if}} for {{name}}"


def test_nothing_is_sent_to_suppressed_addresses_and_the_sender_does_not_notice(
    aws: LocalAws, ses: Any
) -> None:
    data = {"name": "x", "programs": [], "footer": ""}
    ses.put_suppressed_destination(EmailAddress="Gone@example.com", Reason="BOUNCE")

    assert send(ses, "gone@example.com", data)

    assert sent(aws, "gone@example.com") == []
    listed = ses.list_suppressed_destinations()["SuppressedDestinationSummaries"]
    assert [each["EmailAddress"] for each in listed] == ["Gone@example.com"]
    ses.delete_suppressed_destination(EmailAddress="gone@example.com")
    send(ses, "gone@example.com", data)
    assert len(sent(aws, "gone@example.com")) == 1


def test_a_configuration_set_may_stop_sending_and_must_exist(aws: LocalAws, ses: Any) -> None:
    ses.create_configuration_set(ConfigurationSetName="stopped", SendingOptions={"SendingEnabled": False})
    data = {"name": "x", "programs": [], "footer": ""}

    with pytest.raises(ses.exceptions.SendingPausedException):
        send(ses, "two@example.com", data, ConfigurationSetName="stopped")
    with pytest.raises(ses.exceptions.NotFoundException, match="nowhere"):
        send(ses, "two@example.com", data, ConfigurationSetName="nowhere")
    assert sent(aws, "two@example.com") == []


def test_an_unverified_sender_is_refused(ses: Any) -> None:
    with pytest.raises(ses.exceptions.MessageRejected, match="not verified"):
        ses.send_email(
            FromEmailAddress="someone@else.example.org",
            Destination={"ToAddresses": ["a@example.com"]},
            Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "y"}}}},
        )


def test_one_call_sends_an_email_for_each_entry(aws: LocalAws, ses: Any) -> None:
    entries = [
        {
            "Destination": {"ToAddresses": [f"bulk{n}@example.com"]},
            "ReplacementEmailContent": {
                "ReplacementTemplate": {"ReplacementTemplateData": json.dumps({"name": f"n{n}"})}
            },
        }
        for n in range(2)
    ]
    default = {"TemplateName": "weekly", "TemplateData": "{}"}
    ses.update_email_template(
        TemplateName="weekly", TemplateContent={"Subject": "For {{name}}", "Text": "{{name}}"}
    )

    results = ses.send_bulk_email(
        FromEmailAddress=SENDER, DefaultContent={"Template": default}, BulkEmailEntries=entries
    )["BulkEmailEntryResults"]

    assert [result["Status"] for result in results] == ["SUCCESS", "SUCCESS"]
    assert [sent(aws, f"bulk{n}@example.com")[0].subject for n in range(2)] == ["For n0", "For n1"]


@pytest.fixture(scope="module")
def application(aws: LocalAws) -> str:
    answer = aws.client("sns").create_platform_application(
        Name=f"test-{uuid4().hex[:8]}", Platform="GCM", Attributes={"PlatformCredential": "x"}
    )
    return str(answer["PlatformApplicationArn"])


def endpoint(aws: LocalAws, application: str, token: str, **attributes: str) -> str:
    answer = aws.client("sns").create_platform_endpoint(
        PlatformApplicationArn=application, Token=token, Attributes=attributes
    )
    return str(answer["EndpointArn"])


def test_a_push_carries_the_payload_of_its_platform(aws: LocalAws, application: str) -> None:
    arn = endpoint(aws, application, "token-1")
    payload = json.dumps({"notification": {"title": "A program for you"}})
    message = json.dumps({"default": "x", "GCM": payload, "APNS": "{}"})

    aws.client("sns").publish(TargetArn=arn, Message=message, MessageStructure="json")

    [push] = [each for each in outbox.pushes(aws.settings.state_dir) if each.endpoint == arn]
    assert (push.platform, push.token, push.message) == ("GCM", "token-1", payload)


def test_a_disabled_endpoint_gets_nothing_until_it_is_enabled_with_a_new_token(
    aws: LocalAws, application: str
) -> None:
    sns, arn = aws.client("sns"), endpoint(aws, application, "token-2")
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "false"})

    with pytest.raises(sns.exceptions.EndpointDisabledException):
        sns.publish(TargetArn=arn, Message="x")
    sns.set_endpoint_attributes(EndpointArn=arn, Attributes={"Enabled": "true", "Token": "token-3"})
    sns.publish(TargetArn=arn, Message="x")

    pushes = [each for each in outbox.pushes(aws.settings.state_dir) if each.endpoint == arn]
    assert [push.token for push in pushes] == ["token-3"]


def test_registering_a_device_again_answers_its_endpoint_unless_attributes_differ(
    aws: LocalAws, application: str
) -> None:
    sns, arn = aws.client("sns"), endpoint(aws, application, "token-4")

    assert endpoint(aws, application, "token-4") == arn
    with pytest.raises(sns.exceptions.InvalidParameterException, match=arn):
        endpoint(aws, application, "token-4", Enabled="false")
