"""A change set as whoever approves it reads it; stacks as they are found. Answers are shaped by the model."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from config.delivery import DELIVERY
from config.stages import STAGES
from delivery.command import main
from delivery.ground.errors import NotDelivered
from delivery.stacks.changes import change_set
from delivery.stacks.deployed import deployed
from review.reading.assemblies import Stack

ARN = "arn:aws:cloudformation:eu-west-1:1:changeSet/deploy-1/0a"
ALARM = "arn:aws:cloudwatch:eu-west-1:1:alarm:slow"
NAME = "Shop-eu-west-1-Data"


@pytest.fixture
def client() -> Any:
    return boto3.client("cloudformation", "eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")


def resource(action: str, name: str, replacement: str | None = None, *targets: str) -> dict[str, Any]:
    details = [{"Target": {"Attribute": "Properties", "Name": one}} for one in targets]
    change = {
        "Action": action,
        "LogicalResourceId": name,
        "ResourceType": "AWS::SNS::Topic",
        "Details": details,
    }
    return {
        "Type": "Resource",
        "ResourceChange": change | ({"Replacement": replacement} if replacement else {}),
    }


def answer(*changes: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "ChangeSetId": ARN,
        "Status": "CREATE_COMPLETE",
        "ExecutionStatus": "AVAILABLE",
        "Changes": list(changes),
        **more,
    }


def test_what_is_lost_comes_first_and_what_watches_is_said(client: Any) -> None:
    watched = {
        "RollbackTriggers": [{"Arn": ALARM, "Type": "AWS::CloudWatch::Alarm"}],
        "MonitoringTimeInMinutes": 5,
    }
    asked = {"StackName": NAME, "ChangeSetName": "deploy-1"}
    with Stubber(client) as stub:
        page = answer(
            resource("Add", "New"), resource("Modify", "Same", "False", "DisplayName"), NextToken="2"
        )
        stub.add_response("describe_change_set", page | {"RollbackConfiguration": watched}, asked)
        rest = answer(resource("Remove", "Gone"), resource("Modify", "Renamed", "True", "TopicName"))
        stub.add_response("describe_change_set", rest, asked | {"NextToken": "2"})
        found = change_set(client, NAME, "deploy-1")

    assert (found.id, found.triggers, found.minutes) == (ARN, (ALARM,), 5)
    assert [(one.what, one.logical_id) for one in found.changes] == [
        ("replaced", "Renamed"),
        ("removed", "Gone"),
        ("changed", "Same"),
        ("added", "New"),
    ]
    assert "**1 replaced**, **1 removed**, 1 changed, 1 added" in found.markdown
    assert "| replaced | `Renamed` | AWS::SNS::Topic | TopicName |" in found.markdown
    assert "`slow`" in found.markdown and "5 minutes" in found.markdown


def test_programs_get_the_changes_as_json_printed_or_in_a_file_beside_what_people_read(
    client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("delivery.command.lookup_clients", lambda _: lambda *_: client)
    stage = next(one for one in STAGES if one.name == DELIVERY.targets[0].stage)
    asked = ["changes", "--stage", stage.name, "--region", stage.region]
    asked += ["--stack", NAME, "--change-set", "deploy-1", "--json"]
    with Stubber(client) as stub:
        for _ in range(2):
            stub.add_response(
                "describe_change_set", answer(resource("Modify", "Renamed", "True", "TopicName"))
            )
        assert main(asked) == 0
        printed = capsys.readouterr().out
        assert main([*asked, str(tmp_path / "changes.json")]) == 0

    change = {
        "what": "replaced",
        "logical_id": "Renamed",
        "type": "AWS::SNS::Topic",
        "properties": ["TopicName"],
    }
    document = {"stack": NAME, "id": ARN, "changes": [change], "triggers": [], "minutes": 0}
    assert json.loads(printed) == json.loads((tmp_path / "changes.json").read_text()) == document
    assert "| replaced | `Renamed` |" in capsys.readouterr().out


@pytest.mark.parametrize(
    "reason", ["The submitted information didn't contain changes.", "No updates are to be performed."]
)
def test_an_empty_change_set_is_not_to_be_executed(client: Any, reason: str) -> None:
    empty = answer(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason=reason)
    with Stubber(client) as stub:
        stub.add_response("describe_change_set", empty)
        assert change_set(client, NAME, "deploy-1").id is None
        stub.add_client_error("describe_change_set", "ChangeSetNotFound")
        assert "Nothing changes" in change_set(client, NAME, "deploy-1").markdown


def test_a_change_set_that_failed_is_an_error_with_the_reason(client: Any) -> None:
    failed = answer(Status="FAILED", ExecutionStatus="UNAVAILABLE", StatusReason="No export named a found.")
    with Stubber(client) as stub:
        stub.add_response("describe_change_set", failed)
        with pytest.raises(NotDelivered, match="is FAILED: No export named a found"):
            change_set(client, NAME, "deploy-1")


def stack(status: str, name: str = NAME) -> dict[str, Any]:
    return {"StackName": name, "StackStatus": status, "CreationTime": 0}


def looked(client: Any, template: str, *stacks: dict[str, Any]) -> Any:
    """What is found of a stack whose template says `wanted: ä`."""
    body: Any = {"Resources": {"Value": {"Properties": {"Value": "wanted: ä"}}}}
    wanted = {NAME: Stack(NAME, "Shop-eu-west-1/Data", "1", "eu-west-1", body)}
    with Stubber(client) as stub:
        stub.add_response("describe_stacks", {"Stacks": list(stacks)})
        stub.add_response("get_template", {"TemplateBody": template}, {"StackName": NAME})
        alarm = {
            "LogicalResourceId": "ApiSlow0A1B2C3D",
            "PhysicalResourceId": "slow",
            "ResourceType": "AWS::CloudWatch::Alarm",
            "ResourceStatus": "CREATE_COMPLETE",
            "LastUpdatedTimestamp": 0,
        }
        stub.add_response("list_stack_resources", {"StackResourceSummaries": [alarm]}, {"StackName": NAME})
        return deployed(lambda *_: client, "1", {"eu-west-1": "Shop-eu-west-1-"}, wanted), wanted


@pytest.mark.parametrize(("letter", "same"), [("ä", True), ("?", True), ("o", False)])
def test_letters_that_cloudformation_spoils_are_no_change(client: Any, letter: str, same: bool) -> None:
    template = json.dumps({"Resources": {"Value": {"Properties": {"Value": f"wanted: {letter}"}}}})

    found, wanted = looked(client, template, stack("UPDATE_COMPLETE"), stack("CREATE_COMPLETE", "Other-Data"))

    assert (found.stacks[NAME].template == wanted[NAME].template) is same
    assert found.alarms == {NAME: {"ApiSlow0A1B2C3D": ALARM}}


def test_what_a_failed_creation_left_counts_as_absent_and_what_is_half_changed_stops_everything(
    client: Any,
) -> None:
    with Stubber(client) as stub:
        stub.add_response(
            "describe_stacks", {"Stacks": [stack("ROLLBACK_COMPLETE"), stack("REVIEW_IN_PROGRESS")]}
        )
        assert deployed(lambda *_: client, "1", {"eu-west-1": "Shop-"}, {}).stacks == {}
        broken = [stack("UPDATE_ROLLBACK_FAILED"), stack("UPDATE_IN_PROGRESS", "Shop-eu-west-1-Serving")]
        stub.add_response("describe_stacks", {"Stacks": broken})
        with pytest.raises(NotDelivered) as refused:
            deployed(lambda *_: client, "1", {"eu-west-1": "Shop-"}, {})
    assert "Data in eu-west-1 is UPDATE_ROLLBACK_FAILED; Shop-eu-west-1-Serving" in str(refused.value)
