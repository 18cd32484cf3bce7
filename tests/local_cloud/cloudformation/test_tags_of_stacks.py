"""Tags that CloudFormation adds to those of the template: its own, and those of the stack."""

import json
from pathlib import Path
from typing import Any

import cfnlint
import pytest

from local_cloud.cloudformation.registry import TYPES
from tests.local_cloud.support import (
    property_cases_access,
    property_cases_compute,
    property_cases_messages,
    property_cases_stores,
)
from tests.local_cloud.support.property_case import PropertyCase, own_tags, tags_of
from tests.local_cloud.support.stacks import Stacks, resource, template

CASES = [
    case
    for cases in (
        property_cases_access.CASES,
        property_cases_compute.CASES,
        property_cases_messages.CASES,
        property_cases_stores.CASES,
    )
    for case in cases
    if "Tags" in case.more
]
OF_STACK = [{"Key": "stage", "Value": "of the stack"}, {"Key": "cost", "Value": "7"}]
# The service takes tags that begin with aws: from CloudFormation alone, the Personalize server from nobody.
UNTAGGED = {"AWS::Personalize::Dataset", "AWS::Personalize::DatasetGroup", "AWS::Personalize::Solution"}


def takes_tags(kind: str) -> bool:
    return "Tags" in TYPES[kind].properties | TYPES[kind].replacing


@pytest.mark.parametrize("kind", sorted({kind for kind in TYPES if takes_tags(kind)} - UNTAGGED))
def test_the_local_cloud_names_the_stack_where_cloudformation_does(kind: str) -> None:
    data = Path(cfnlint.__file__).parent / "data" / "schemas"
    file = json.loads((data / "providers" / "eu-west-1.json").read_text())[kind]
    schema = json.loads((data / "resources" / f"{file}.json").read_text())

    assert TYPES[kind].names_its_stack is schema["tagging"]["cloudFormationSystemTags"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.kind)
def test_a_resource_has_the_tags_of_its_stack_below_its_own(stacks: Stacks, case: PropertyCase) -> None:
    client, made = stacks.aws.client(case.service), {**case.others}
    stack = stacks.create({"Tested": resource(case.kind, **case.least), **made})
    assert stack.status == "CREATE_COMPLETE", stack.events

    def tags() -> dict[str, str]:
        return tags_of(case.look(client, stack.id_of("Tested"))["Tags"])

    named = {
        "aws:cloudformation:stack-name": stack.name,
        "aws:cloudformation:stack-id": stack.described["StackId"],
        "aws:cloudformation:logical-id": "Tested",
    }
    expected = named if TYPES[case.kind].names_its_stack else {}
    assert tags() == expected

    tagged: dict[str, Any] = {"Tested": resource(case.kind, **case.least, Tags=case.more["Tags"]), **made}
    stacks.api.update_stack(StackName=stack.name, TemplateBody=template(tagged), Tags=OF_STACK)
    assert stack.status == "UPDATE_COMPLETE", stack.events
    assert tags() == {**tags_of(OF_STACK), **tags_of(case.more["Tags"]), **expected}

    stacks.api.update_stack(StackName=stack.name, TemplateBody=template(tagged), Tags=[])
    assert tags() == {**tags_of(case.more["Tags"]), **expected}


def test_tags_of_the_system_stay_whatever_is_put_on_a_bucket(stacks: Stacks) -> None:
    stack = stacks.create({"Bucket": resource("AWS::S3::Bucket")})
    s3, name = stacks.aws.client("s3"), stack.id_of("Bucket")
    before = tags_of(s3.get_bucket_tagging(Bucket=name))

    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert tags_of(s3.get_bucket_tagging(Bucket=name)) == {"a": "b", **before}
    s3.delete_bucket_tagging(Bucket=name)

    assert tags_of(s3.get_bucket_tagging(Bucket=name)) == before
    assert len(before) == 3 and not own_tags(before)
