"""What holds while an update is pending, in timing as slow as the service's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from personalize_server.facts.errors import ResourceInUse
from personalize_server.facts.options import Options
from personalize_server.facts.timing import timing
from tests.personalize_server.support.clockwork import DAY, Clockwork
from tests.personalize_server.support.journey import RECIPE, schema_text


class Shop(Clockwork):
    """Whatever was begun is over when the next thing is asked for."""

    def made(self, operation: str, **request: str) -> str:
        arn = next(iter(self.call(operation, **request).values()))
        for record in self.store.with_work("queued"):
            self.store.update(record.changed(self.now, work="done"))
        self.now += DAY
        return str(arn)

    def solution(self, group: str, name: str) -> tuple[str, str]:
        """And a version of it."""
        arn = self.made("CreateSolution", name=name, datasetGroupArn=group, recipeArn=f"{RECIPE}aws-sims")
        return arn, self.made("CreateSolutionVersion", solutionArn=arn)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with Shop(tmp_path, Options(data=tmp_path, timing=timing("realistic"))) as made:
        yield made


def test_a_solution_stays_until_its_campaign_has_moved_away(shop: Shop) -> None:
    group = shop.made("CreateDatasetGroup", name="group")
    schema = shop.made("CreateSchema", name="schema", schema=schema_text("Interactions"))
    dataset = {"name": "dataset", "datasetType": "Interactions", "schemaArn": schema}
    shop.made("CreateDataset", datasetGroupArn=group, **dataset)
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
