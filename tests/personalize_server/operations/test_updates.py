"""What holds while an update is pending, in timing as slow as the service's, and when it fails."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from personalize_server.facts.errors import ResourceInUse
from personalize_server.facts.made_to_fail import UPDATED, MadeToFail
from personalize_server.facts.options import Options
from personalize_server.facts.service_model import operations
from personalize_server.facts.timing import timing
from personalize_server.wire.shaping import shaped
from tests.personalize_server.support.clockwork import DAY, Clockwork
from tests.personalize_server.support.journey import RECIPE, schema_text
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.refusals import code

LATEST = ("CREATE PENDING", "CREATE IN_PROGRESS")
OWN = {"Dataset": ["UPDATE PENDING", "UPDATE IN_PROGRESS", "ACTIVE"]}
"""as update-item-dataset-schema-example.ipynb of aws-samples/amazon-personalize-samples saw it"""


class Shop(Clockwork):
    """Whatever was begun is over when the next thing is asked for."""

    def made(self, operation: str, **request: str) -> str:
        arn = next(iter(self.call(operation, **request).values()))
        for record in self.store.with_work("queued"):
            self.store.update(record.changed(self.now, work="done"))
        self.now += DAY
        return str(arn)

    def with_dataset(self, group: str, dataset_type: str) -> str:
        schema = self.made("CreateSchema", name=dataset_type, schema=schema_text(dataset_type))
        dataset = {"name": dataset_type, "datasetType": dataset_type, "schemaArn": schema}
        return self.made("CreateDataset", datasetGroupArn=group, **dataset)

    def solution(self, group: str, name: str) -> tuple[str, str]:
        """And a version of it."""
        arn = self.made("CreateSolution", name=name, datasetGroupArn=group, recipeArn=f"{RECIPE}aws-sims")
        return arn, self.made("CreateSolutionVersion", solutionArn=arn)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path, Options(data=tmp_path, timing=timing("realistic"))) as made:
        yield made


@pytest.fixture
def unlucky(tmp_path: Path) -> Iterator[Shop]:
    """Where every update fails."""
    rules = tuple((f"Update{kind}", "*") for kind in UPDATED)
    options = Options(data=tmp_path, timing=timing("realistic"), made_to_fail=MadeToFail(rules))
    with Shop(tmp_path, options) as made:
        yield made


class Updated(NamedTuple):
    """What is updated, to what, and where a description shows it."""

    kind: str
    arn: str
    change: dict[str, Any]
    shown: Callable[[dict[str, Any]], Any]


def everything_updated(shop: Shop) -> list[Updated]:
    group = shop.made("CreateDatasetGroup", name="group")
    shop.with_dataset(group, "Interactions")
    solution, version = shop.solution(group, "s")
    campaign = shop.made("CreateCampaign", name="c", solutionVersionArn=version)
    users = shop.with_dataset(group, "Users")
    more = schema_text("Users", {"name": "MORE", "type": ["null", "string"], "categorical": True})
    wider = shop.made("CreateSchema", name="wider", schema=more)
    domain = shop.made("CreateDatasetGroup", name="domain", domain="ECOMMERCE")
    recipe = f"{RECIPE}aws-ecomm-recommended-for-you"
    recommender = shop.made("CreateRecommender", name="r", datasetGroupArn=domain, recipeArn=recipe)
    rate = "minRecommendationRequestsPerSecond"
    return [
        Updated(
            "Solution", solution, {"performAutoTraining": False}, lambda shown: shown["performAutoTraining"]
        ),
        Updated("Campaign", campaign, {"minProvisionedTPS": 7}, lambda shown: shown["minProvisionedTPS"]),
        Updated("Dataset", users, {"schemaArn": wider}, lambda shown: shown["schemaArn"]),
        Updated(
            *("Recommender", recommender, {"recommenderConfig": {rate: 7}}),
            lambda shown: shown.get("recommenderConfig", {}).get(rate),
        ),
    ]


def described(shop: Shop, updated: Updated) -> dict[str, Any]:
    member = f"{updated.kind[0].lower()}{updated.kind[1:]}"
    answer = shop.call(f"Describe{updated.kind}", **{f"{member}Arn": updated.arn})
    shape = operations()[f"Describe{updated.kind}"].model.output_shape
    return dict(shaped(shape, answer)[member])


def states(shop: Shop, updated: Updated) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    """The resource's own status, its value and the latest update: at once, soon after, at the end."""
    member = f"{updated.kind[0].lower()}{updated.kind[1:]}"
    shop.call(f"Update{updated.kind}", **{f"{member}Arn": updated.arn}, **updated.change)
    whole = timing("realistic").deleting(updated.kind)
    for waited in (0, whole / 2, DAY):
        shop.now += waited
        found = described(shop, updated)
        yield found["status"], updated.shown(found), found[f"latest{updated.kind}Update"]


def test_an_update_changes_what_is_described_when_it_is_over(shop: Shop) -> None:
    for updated in everything_updated(shop):
        before = updated.shown(described(shop, updated))
        seen = list(states(shop, updated))
        assert [status for status, _, _ in seen] == OWN.get(updated.kind, ["ACTIVE"] * 3), updated.kind
        assert [latest["status"] for _, _, latest in seen] == [*LATEST, "ACTIVE"], updated.kind
        whole = timing("realistic").deleting(updated.kind)
        begun = seen[-1][-1]["creationDateTime"]
        assert seen[-1][-1]["lastUpdatedDateTime"] == begun + whole, updated.kind
        assert described(shop, updated)["lastUpdatedDateTime"] == begun + whole, updated.kind
        after = updated.shown(described(shop, updated))
        assert [value for _, value, _ in seen] == [before, before, after], updated.kind
        assert before != after == updated.shown(updated.change), updated.kind
        for _, _, latest in seen:
            assert {**latest, **updated.change} == latest, updated.kind


def test_an_update_that_is_made_to_fail_changes_nothing_and_says_why(unlucky: Shop) -> None:
    for updated in everything_updated(unlucky):
        before = updated.shown(described(unlucky, updated))
        for _ in range(2):
            seen = list(states(unlucky, updated))
            assert [status for status, _, _ in seen] == OWN.get(updated.kind, ["ACTIVE"] * 3), updated.kind
            assert [latest["status"] for _, _, latest in seen] == [*LATEST, "CREATE FAILED"], updated.kind
            assert [value for _, value, _ in seen] == [before] * 3, updated.kind
            told = [latest.get("failureReason") for _, _, latest in seen]
            why = f"The server was started with --fail for Update{updated.kind}."
            assert told == [None, None, why], updated.kind


def test_what_is_begun_can_be_made_to_fail_by_name(tmp_path: Path) -> None:
    options = ("--fail", "CreateDatasetGroup=bad*", "--fail", "CreateSolution=worse")
    server = PersonalizeServer(tmp_path, None, options).start()
    try:
        api = server.client()
        for name, status in (("bad-1", "CREATE FAILED"), ("good", "ACTIVE"), ("worse", "ACTIVE")):
            arn = api.create_dataset_group(name=name)["datasetGroupArn"]
            group = api.describe_dataset_group(datasetGroupArn=arn)["datasetGroup"]
            assert (group["status"], "--fail" in group.get("failureReason", "")) == (status, name == "bad-1")
        made = api.create_solution(name="worse", datasetGroupArn=arn, recipeArn=f"{RECIPE}aws-sims")
        solution = made["solutionArn"]
        assert api.describe_solution(solutionArn=solution)["solution"]["status"] == "CREATE FAILED"
        assert code(api.create_solution_version, solutionArn=solution) == "ResourceInUseException"
    finally:
        server.stop()


def test_a_solution_stays_until_its_campaign_has_moved_away(shop: Shop) -> None:
    group = shop.made("CreateDatasetGroup", name="group")
    shop.with_dataset(group, "Interactions")
    (old, first), (new, second) = shop.solution(group, "old"), shop.solution(group, "new")
    campaign = shop.made("CreateCampaign", name="moving", solutionVersionArn=first)
    shop.call("UpdateCampaign", campaignArn=campaign, solutionVersionArn=second)
    for solution in (old, new):
        with pytest.raises(ResourceInUse, match=campaign):
            shop.call("DeleteSolution", solutionArn=solution)
    shop.now += DAY
    shop.call("UpdateCampaign", campaignArn=campaign, minProvisionedTPS=2)
    shop.call("DeleteSolution", solutionArn=old)
    shop.now += DAY
    with pytest.raises(ResourceInUse, match=campaign):
        shop.call("DeleteSolution", solutionArn=new)
    described = shop.call("DescribeCampaign", campaignArn=campaign)["campaign"]
    assert (described["status"], described["solutionVersionArn"]) == ("ACTIVE", second)
