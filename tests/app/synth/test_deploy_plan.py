"""A third region of production, by one line of its configuration: what is deployed, and in which order."""

from pathlib import Path

import pytest

from review.planning.deploy_plan import deploy_plan, refusals
from review.reading.assemblies import Stack, assembly_of
from tests.app.support.business.stages import PROD

HOME, THIRD = PROD.region, "eu-west-2"
Estate = dict[str, Stack]


@pytest.fixture(scope="module")
def before(assembly: Path) -> Estate:
    return {name: stack for name, stack in assembly_of(assembly).items() if name.startswith("Prod-")}


@pytest.fixture(scope="module")
def after(third_region: Path) -> Estate:
    return assembly_of(third_region)


def test_the_tables_are_copied_before_anything_is_deployed_there(before: Estate, after: Estate) -> None:
    plan = deploy_plan(before, after)

    assert not plan.stuck
    order = [one.stack for one in plan.deployments]
    tables = [order.index(f"Prod-{HOME}-{kind}") for kind in ("Data", "Notifications")]
    there = [order.index(name) for name in after if THIRD in name]
    assert max(tables) < min(there) and len(there) == 3
    assert {one.what for one in plan.deployments} == {"deploy"}
    others = [name for name in order if HOME not in name and THIRD not in name]
    assert others == [f"Prod-{PROD.replica_regions[0]}-Canary"], "which asks all regions"


def test_another_order_is_refused_with_the_reason(before: Estate, after: Estate) -> None:
    order = [one.stack for one in deploy_plan(before, after).deployments]
    wrong = [*(name for name in order if THIRD in name), *(name for name in order if THIRD not in name)]

    reasons = refusals(before, after, wrong)

    assert refusals(before, after, order) == []
    serving = f"Prod-{THIRD}-Serving"
    for table, owner in (("serving", "Data"), ("notifications", "Notifications")):
        first = f"deploy Prod-{HOME}-{owner} first"
        assert f"{serving}: recs-prod-{table} is not in {THIRD} yet: {first}" in reasons


def test_a_region_that_goes_is_left_before_its_copies_are_taken_away(before: Estate, after: Estate) -> None:
    order = [one.stack for one in deploy_plan(after, before).deployments]

    left = [order.index(name) for name in after if THIRD in name]
    assert max(left) < order.index(f"Prod-{HOME}-Data")
