"""The order of deployments that is planned for a change, tried on stacks of several regions; and one that is
refused, which CloudFormation refuses too.
"""

import json
from typing import Any
from uuid import uuid4

from review.planning.deploy_plan import deploy_plan, refusals
from review.reading.assemblies import Stack
from tests.local_cloud.regions.test_templates import THIRD, in_regions, table
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.regions import AWAY, HOME, Regions
from tests.local_cloud.support.stacks import resource

Estate = dict[str, Stack]


def stack(
    name: str, region: str, resources: dict[str, Any], *, exports: str = "", needs: tuple[str, ...] = ()
) -> Stack:
    outputs = {"Out": {"Value": "x", "Export": {"Name": exports}}} if exports else {}
    template = {"Resources": resources, "Outputs": outputs}
    return Stack(name, name, "123456789012", region, template, frozenset(needs))


def parameter(value: Any) -> dict[str, Any]:
    return {"Parameter": resource("AWS::SSM::Parameter", Type="String", Value=value)}


def estate(word: str, name: str, *replicas: str, export: str, away: dict[str, Any] | None = None) -> Estate:
    """A table with replicas, what imports of its stack, and in each other region what uses the table."""
    data = stack(f"{word}-data", HOME, table(name, *replicas, **(away or {})), exports=f"{word}-{export}")
    api = stack(
        f"{word}-api", HOME, parameter({"Fn::ImportValue": f"{word}-{export}"}), needs=(f"{word}-data",)
    )
    others = [stack(f"{word}-{region}", region, parameter(name)) for region in replicas]
    return {one.name: one for one in (data, api, *others)}


def deployed(aws: LocalAws, name: str, region: str, target: Stack | None) -> str:
    """The stack's status after it."""
    cloudformation = aws.client("cloudformation", region)
    if target is None:
        cloudformation.delete_stack(StackName=name)
        return "DELETED"
    body = json.dumps(target.template)
    there = {one["StackName"] for one in cloudformation.describe_stacks()["Stacks"]}
    deploy = cloudformation.update_stack if name in there else cloudformation.create_stack
    deploy(StackName=name, TemplateBody=body)
    return str(cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])


def carried_out(aws: LocalAws, before: Estate, after: Estate) -> list[str]:
    """What each deployment of the plan was. All of them succeed."""
    plan = deploy_plan(before, after)
    assert not plan.stuck
    for one in plan.deployments:
        region = (after.get(one.stack) or before[one.stack]).region
        status = deployed(aws, one.stack, region, one.target)
        assert status in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETED"), (one.what, status)
    return [f"{one.stack.partition('-')[2]}: {one.what.partition(',')[0]}" for one in plan.deployments]


def test_regions_come_and_go_in_the_order_that_is_planned_and_in_no_other(
    aws: LocalAws, regions: Regions
) -> None:
    word = f"order{uuid4().hex[:8]}"
    name, kept = f"{word}-table", {"DeletionProtectionEnabled": True}
    one = estate(word, name, export="a")
    three = estate(word, name, AWAY, THIRD, export="b", away=kept)
    assert carried_out(aws, {}, one) == ["data: deploy", "api: deploy"]

    wrong = [f"{word}-data", f"{word}-api", f"{word}-{AWAY}", f"{word}-{THIRD}"]
    reasons = refusals(one, three, wrong)
    assert any("one is added or removed per update" in reason for reason in reasons)
    assert any(f"still imports {word}-a" in reason for reason in reasons)
    assert deployed(aws, wrong[0], HOME, three[wrong[0]]) == "UPDATE_ROLLBACK_COMPLETE"

    added = carried_out(aws, one, three)
    # With the first replica the old export is kept; with the second one nobody imports it any more.
    assert [one for one in added if one.endswith("data: deploy")] == ["data: deploy"] * 2
    assert in_regions(regions, name) == [HOME, AWAY, THIRD]

    removed = carried_out(aws, three, one)
    assert removed.index("data: deploy") > removed.index(f"{AWAY}: delete")
    assert in_regions(regions, name) == [HOME]

    assert carried_out(aws, one, {}) == ["api: delete", "data: delete"]
    assert in_regions(regions, name) == []
