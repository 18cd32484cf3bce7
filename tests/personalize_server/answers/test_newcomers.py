"""Items that come after a training: explored, told apart by metadata, and never where none should be."""

import json
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from personalize_server.facts.timing import timing
from tests.personalize_server.support.journey import RECIPE, ROLE, schema_text, user_lines
from tests.personalize_server.support.shop import ASKED, PERSONAL, Shop, names, soon
from tests.personalize_server.support.world import fresh_name

_V1 = "user-personalization"
_WHOLE = 50
_LISTS = 40


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    opened = Shop(tmp_path_factory.mktemp("newcomers"), "--workers", "2")
    yield opened
    assert opened.server.stop() == 0


def appears(shop: Shop, item: str, campaign: str, lists: int = _LISTS, **more: Any) -> int:
    """In how many lists."""
    more = {"userId": "u1", "numResults": _WHOLE, **more}
    return sum(item in names(shop.listed(campaign, **more)) for _ in range(lists))


def test_a_new_item_is_explored_and_told_so(shop: Shop) -> None:
    campaign = shop.campaign(PERSONAL)
    regular = names(shop.listed(campaign, userId="u1", numResults=_WHOLE))
    shop.put_item("novelty", title="wish", genres="Comedy|Drama")
    soon(lambda: "novelty" in names(shop.listed(campaign, userId="u1", numResults=_WHOLE)))
    for user in ("u1", "nobody"):
        found: list[dict[str, Any]] = []
        while not found:
            whole = shop.listed(
                campaign, userId=user, numResults=_WHOLE, metadataColumns={"ITEMS": ["TITLE"]}
            )
            found = [entry for entry in whole if entry["itemId"] == "novelty"]
        assert len(set(names(whole))) == _WHOLE
        assert found[0]["reason"] == ["Exploration"] and found[0]["metadata"] == {"TITLE": "wish"}
        assert 0 <= found[0]["score"] < 1
        if user == "u1":
            assert [name for name in names(whole) if name != "novelty"] == regular[: _WHOLE - 1]
    assert appears(shop, "novelty", campaign, filter="wished") == 0, "u1 has no GENDER"
    shop.put_user("u1", gender="wish")
    soon(lambda: names(shop.listed(campaign, "wished", userId="u1")) in (["novelty"], []))


def test_who_likes_its_kind_is_likelier_to_see_a_new_item(shop: Shop) -> None:
    campaign = shop.campaign(PERSONAL)
    tracker = shop.world.tracker["trackingId"]
    seen = [{"eventType": "view", "itemId": f"i{n}", "sentAt": 1_700_000_000} for n in range(0, 20, 2)]
    shop.world.do("PutEvents", trackingId=tracker, sessionId="dark", userId="dark", eventList=seen)
    for number in range(10):
        shop.put_item(f"horror{number}", genres="Horror")
        shop.put_item(f"comedy{number}", genres="Comedy|Drama")
    soon(lambda: "horror9" in names(shop.listed(campaign, userId="dark", numResults=80)))
    counts = Counter(
        name[:6] for _ in range(_LISTS) for name in names(shop.listed(campaign, userId="dark", numResults=10))
    )
    assert counts["horror"] > 3 * counts["comedy"]


@pytest.mark.parametrize("recipe", [PERSONAL, _V1])
def test_without_exploration_and_beyond_the_cut_off_no_new_item_is_listed(shop: Shop, recipe: str) -> None:
    still = shop.campaign(recipe, explorationWeight="0")
    young = shop.campaign(recipe, explorationWeight="1", explorationItemAgeCutOff="30")
    shop.listed(still, userId="u1"), shop.listed(young, userId="u1")
    item = f"latest-{recipe}"
    shop.put_item(item, genres="Comedy|Drama")
    soon(lambda: appears(shop, item, young, lists=4) > 0)
    assert appears(shop, item, still, lists=ASKED) == 0
    assert names(shop.listed(still, userId="u1")) == names(shop.listed(still, userId="u1"))


@pytest.mark.prove
def test_an_item_deployed_in_an_older_version_gets_no_new_items(shop: Shop) -> None:
    """Of a solution only the newest version is updated."""
    older = shop.campaign(_V1, explorationWeight="1", explorationItemAgeCutOff="0")
    described = shop.world.do("DescribeSolutionVersion", solutionVersionArn=shop.version(_V1))
    solution = described["solutionVersion"]["solutionArn"]
    made = shop.world.do("CreateSolutionVersion", solutionArn=solution)
    newer = shop.world.settled("DescribeSolutionVersion", **made)
    newest = shop.world.new_campaign(newer)
    assert shop.listed(older, userId="u1") and shop.listed(newest, userId="u1")
    shop.put_item("for the newest", genres="Comedy|Drama")
    soon(lambda: appears(shop, "for the newest", newest, lists=4) > 0)
    assert appears(shop, "for the newest", older, lists=ASKED) == 0


@pytest.mark.prove
def test_an_import_brings_new_items_too_and_a_batch_explores_them(shop: Shop) -> None:
    campaign = shop.campaign(PERSONAL)
    assert shop.listed(campaign, userId="u1")
    shop.append("Items", "ITEM_ID,GENRES,PRICE,TITLE", "imported,Comedy|Drama,1.5,new")
    soon(lambda: appears(shop, "imported", campaign, lists=6) > 0)
    world = shop.world
    (world.objects / "explore").mkdir()
    (world.objects / "explore" / "input.jsonl").write_text(user_lines([f"u{n}" for n in range(20)]))
    for weight in ("0", "1"):
        job = {**world.batch("explore"), "numResults": 40}
        made = world.do(
            "CreateBatchInferenceJob",
            **{"jobName": fresh_name(), "solutionVersionArn": shop.version(PERSONAL), "roleArn": ROLE},
            **job,
            batchInferenceJobConfig={"itemExplorationConfig": {"explorationWeight": weight}},
        )
        world.settled("DescribeBatchInferenceJob", **made)
        folder = job["jobOutput"]["s3DataDestination"]["path"].rstrip("/").rpartition("/")[2]
        lines = (world.objects / folder / "input.jsonl.out").read_text().splitlines()
        lists = [json.loads(line)["output"]["recommendedItems"] for line in lines]
        assert sum("imported" in items for items in lists) == (20 if weight == "1" else 0)


def test_a_recommender_explores_new_items(shop: Shop) -> None:
    world = shop.world
    group = world.domain_group
    schema = world.do(
        "CreateSchema",
        **{"name": fresh_name(), "domain": "ECOMMERCE"},
        schema=schema_text("Items", {"name": "CATEGORY_L1", "type": "string", "categorical": True}),
    )["schemaArn"]
    items = world.do(
        "CreateDataset",
        **{"name": fresh_name(), "datasetGroupArn": group, "datasetType": "Items", "schemaArn": schema},
    )["datasetArn"]
    config = {"itemExplorationConfig": {"explorationWeight": "1", "explorationItemAgeCutOff": "0"}}
    made = world.do(
        "CreateRecommender",
        **{"name": fresh_name(), "datasetGroupArn": group, "recommenderConfig": config},
        recipeArn=f"{RECIPE}aws-ecomm-recommended-for-you",
    )
    recommender = world.settled("DescribeRecommender", **made)
    assert shop.listed(recommender, userId="u1")
    entry = {"itemId": "offer", "properties": json.dumps({"genres": "Horror", "categoryL1": "new"})}
    world.do("PutItems", datasetArn=items, items=[entry])
    soon(lambda: "offer" in names(shop.listed(recommender, userId="u1")))


def test_realistic_timing_updates_models_every_two_hours() -> None:
    assert timing("instant").updated(10_000.0) == math.inf
    assert timing("realistic").updated(10_000.0) == 7200.0
    assert timing("realistic", 0.001).updated(10_000.0) == pytest.approx(9993.6)
