"""A server with campaigns that are answering, asked over connections of their own so that any process may."""

import json
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.personalize_server.support.journey import ROLE
from tests.personalize_server.support.processes import PersonalizeServer
from tests.personalize_server.support.world import BUCKET, QUOTAS, World, fresh_name

FILTERS: Mapping[str, str] = {
    "in-stock": 'EXCLUDE ItemID WHERE Items.TITLE IN ("out")',
    "wished": "INCLUDE ItemID WHERE Items.TITLE = CurrentUser.GENDER",
    "serious": 'INCLUDE ItemID WHERE Items.GENRES IN ("Horror") IF CurrentUser.AGE > 100',
    "same-genre": "INCLUDE ItemID WHERE Items.GENRES IN CurrentItem.GENRES",
    "cheap": "INCLUDE ItemID WHERE Items.PRICE < 20",
    "untouched": 'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
}
SECONDS = 120
ASKED = 8
"""times in a row that an answer must be right: enough to reach each of two processes"""
PERSONAL, ALIKE, RANKING = "user-personalization-v2", "similar-items", "personalized-ranking-v2"


class Shop:
    """60 users and 80 items of personalize_journey: even items are Horror, odd ones Comedy and Drama."""

    def __init__(self, folder: Path, *options: str) -> None:
        (folder / "objects" / BUCKET).mkdir(parents=True)
        more = ("--file-root", str(folder / "objects"), *QUOTAS, *options)
        self.server = PersonalizeServer(folder / "data", None, more).start()
        self.world = World(self.server.url, folder / "objects" / BUCKET)
        self._campaigns: dict[str, str] = {}
        self._versions: dict[str, str] = {}

    @cached_property
    def filters(self) -> Mapping[str, str]:
        assert self.world.datasets
        return {name: self._filter(text) for name, text in FILTERS.items()}

    def _filter(self, text: str) -> str:
        made = self.world.do(
            "CreateFilter",
            **{"name": fresh_name(), "datasetGroupArn": self.world.group, "filterExpression": text},
        )
        return str(made["filterArn"])

    def version(self, recipe: str) -> str:
        """Trained once."""
        assert self.world.datasets
        if recipe not in self._versions:
            self._versions[recipe] = self.world.new_version(f"aws-{recipe}")
        return self._versions[recipe]

    def campaign(self, recipe: str, **exploring: str) -> str:
        """With metadata, and an itemExplorationConfig if there is any."""
        key = json.dumps([recipe, exploring])
        if key not in self._campaigns:
            config: dict[str, Any] = {"enableMetadataWithRecommendations": True}
            if exploring:
                config["itemExplorationConfig"] = exploring
            made = self.world.do(
                "CreateCampaign",
                **{"name": fresh_name(), "solutionVersionArn": self.version(recipe)},
                campaignConfig=config,
            )
            self._campaigns[key] = str(made["campaignArn"])
        return self._campaigns[key]

    def put_item(self, name: str, **cells: Any) -> None:
        entry = {"itemId": name, "properties": json.dumps({"genres": "Horror", **cells})}
        self.world.do("PutItems", datasetArn=self.world.datasets["Items"], items=[entry])

    def put_user(self, name: str, **cells: Any) -> None:
        entry = {"userId": name, "properties": json.dumps({"age": 30, **cells})}
        self.world.do("PutUsers", datasetArn=self.world.datasets["Users"], users=[entry])

    def append(self, dataset: str, *lines: str) -> None:
        """An INCREMENTAL import."""
        name = fresh_name()
        (self.world.objects / f"{name}.csv").write_text("\n".join(lines) + "\n")
        made = self.world.do(
            "CreateDatasetImportJob",
            **{"jobName": name, "datasetArn": self.world.datasets[dataset], "roleArn": ROLE},
            dataSource={"dataLocation": self.world.s3(f"{name}.csv")},
            importMode="INCREMENTAL",
        )
        self.world.settled("DescribeDatasetImportJob", **made)

    def listed(self, campaign: str, filter: str | None = None, **more: Any) -> list[dict[str, Any]]:
        chosen = {"filterArn": self.filters[filter]} if filter else {}
        member = "recommenderArn" if ":recommender/" in campaign else "campaignArn"
        answer = self.world.do("GetRecommendations", **{member: campaign}, **chosen, **more)
        return list(answer["itemList"])

    def ranked(self, *items: str, filter: str | None = None, **more: Any) -> list[dict[str, Any]]:
        chosen = {"filterArn": self.filters[filter]} if filter else {}
        answer = self.world.do(
            "GetPersonalizedRanking",
            **{"campaignArn": self.campaign(RANKING), "inputList": list(items)},
            **chosen,
            **more,
        )
        return list(answer["personalizedRanking"])


def names(entries: list[dict[str, Any]]) -> list[str]:
    return [entry["itemId"] for entry in entries]


def soon(right: Callable[[], bool]) -> None:
    """Every process gets it right before long."""
    until, found = time.monotonic() + SECONDS, 0
    while found < ASKED:
        assert time.monotonic() < until, "not seen by every process"
        found = found + 1 if right() else 0
        if not found:
            time.sleep(0.05)
