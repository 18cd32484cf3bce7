"""A deletion that takes no time is seen once all the same: clean-up code waits for it to show and to end."""

from collections.abc import Iterator
from typing import Any

import pytest

from personalize_server.facts.service_model import operations
from tests.personalize_server.support.preconditions import valid
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.world import BUCKET, QUOTAS, World

_WITHOUT_STATUS = {"Schema"}
KINDS = sorted(
    name.removeprefix("Delete")
    for name in operations()
    if name.startswith("Delete") and name.removeprefix("Delete") not in _WITHOUT_STATUS
)
_RECIPE = "arn:aws:personalize:::recipe/aws-sims"
_LISTED_BY = ("solutionArn", "datasetGroupArn")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("deletions")
    objects = folder / "objects"
    (objects / BUCKET).mkdir(parents=True)
    server = PersonalizeServer(folder / "data", None, ("--file-root", str(objects), *QUOTAS)).start()
    yield World(server.url, objects / BUCKET)
    server.stop()


def listed(world: World, kind: str, parent: dict[str, str], arn: str) -> list[str]:
    """Its status in the list of its kind; nothing, if it is not there."""
    model = operations()[f"List{kind}s"].model.output_shape
    [member] = set(model.members) - {"nextToken"}
    page = world.do(f"List{kind}s", **parent)
    found = list(page[member])
    while "nextToken" in page:
        page = world.do(f"List{kind}s", **parent, nextToken=page["nextToken"])
        found += page[member]
    return [entry["status"] for entry in found if arn in entry.values()]


def parent_of(kind: str, described: dict[str, Any]) -> dict[str, str]:
    """What its list is asked for by; campaigns by the ARN of a version, as official clean-up code does."""
    if kind == "Campaign":
        return {"solutionArn": described["solutionVersionArn"]}
    members = operations()[f"List{kind}s"].model.input_shape.members
    return {member: described[member] for member in _LISTED_BY if member in members and member in described}


@pytest.mark.parametrize("kind", KINDS)
def test_a_deletion_shows_once_in_the_list_and_once_described(world: World, kind: str) -> None:
    request = valid(world, f"Delete{kind}")
    [arn] = request.values()
    [before] = world.do(f"Describe{kind}", **request).values()
    parent = parent_of(kind, before)
    world.do(f"Delete{kind}", **request)
    assert listed(world, kind, parent, arn) == ["DELETE IN_PROGRESS"]
    assert listed(world, kind, parent, arn) == []
    [last] = world.do(f"Describe{kind}", **request).values()
    changed = {"status", "lastUpdatedDateTime"}
    assert last["status"] == "DELETE IN_PROGRESS"
    assert {name: last[name] for name in last if name not in changed} == {
        name: before[name] for name in before if name not in changed
    }
    assert world.ask(f"Describe{kind}", **request).code == "ResourceNotFoundException"


@pytest.mark.parametrize("kind", KINDS)
def test_described_as_being_deleted_it_is_not_listed_any_more(world: World, kind: str) -> None:
    request = valid(world, f"Delete{kind}")
    [arn] = request.values()
    [before] = world.do(f"Describe{kind}", **request).values()
    world.do(f"Delete{kind}", **request)
    [last] = world.do(f"Describe{kind}", **request).values()
    assert last["status"] == "DELETE IN_PROGRESS"
    assert listed(world, kind, parent_of(kind, before), arn) == []


def test_what_is_deleted_is_in_nobodys_way_whether_it_was_seen_or_not(world: World) -> None:
    group, name = world.new_group(), "made-again"
    for _ in range(3):
        made = world.do("CreateSolution", name=name, datasetGroupArn=group, recipeArn=_RECIPE)
        described = world.do("DescribeSolution", **made)["solution"]
        assert described["status"] == "ACTIVE"
        assert listed(world, "Solution", {"datasetGroupArn": group}, made["solutionArn"]) == ["ACTIVE"]
        world.do("DeleteSolution", **made)
        assert world.ask("DeleteSolution", **made).code == "ResourceNotFoundException"
    world.do("DeleteDatasetGroup", datasetGroupArn=group)
    name = group.rpartition("/")[2]
    assert world.do("CreateDatasetGroup", name=name)["datasetGroupArn"] == group
    assert world.do("ListSolutions", datasetGroupArn=group)["solutions"] == []


def test_campaigns_are_listed_by_solution_or_by_version(world: World) -> None:
    version, other = world.version, world.new_version("aws-sims")
    campaigns = {version: world.new_campaign(version), other: world.new_campaign(other)}
    for arn, campaign in campaigns.items():
        for parent in (arn, arn.rpartition("/")[0]):
            assert listed(world, "Campaign", {"solutionArn": parent}, campaign) == ["ACTIVE"]
            found = world.do("ListCampaigns", solutionArn=parent)["campaigns"]
            assert not {entry["campaignArn"] for entry in found} & (set(campaigns.values()) - {campaign})
