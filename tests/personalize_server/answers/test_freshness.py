"""What is put or imported counts in the answers of campaigns that are answering already, in every process."""

import json
from collections.abc import Iterator

import pytest

from tests.personalize_server.support.shop import ALIKE, ASKED, PERSONAL, Shop, names, soon

_TITLE = {"ITEMS": ["TITLE"]}


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(1, id="one-process", marks=pytest.mark.prove),
        pytest.param(2, id="two-processes"),
    ],
)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    opened = Shop(tmp_path_factory.mktemp("shop"), "--workers", str(request.param))
    yield opened
    assert opened.server.stop() == 0


def test_an_item_that_is_put_is_seen_by_filters_and_in_metadata(shop: Shop) -> None:
    campaign = shop.campaign(PERSONAL)
    listed = names(shop.listed(campaign, userId="u0", numResults=20, filter="in-stock"))
    first = next(name for name in listed if int(name[1:]) % 2 == 0)  # of the genre that put_item says
    shop.put_item(first, title="out")
    soon(lambda: first not in names(shop.listed(campaign, "in-stock", userId="u0", numResults=50)))

    def metadata_now() -> dict[str, dict[str, str]]:
        columns = {"ITEMS": ["TITLE", "PRICE"]}
        whole = shop.listed(campaign, userId="u0", numResults=50, metadataColumns=columns)
        return {entry["itemId"]: entry["metadata"] for entry in whole}

    # What a record does not say the item has not. Of two processes, the other may answer by what it knew.
    soon(lambda: metadata_now()[first] == {"TITLE": "out"})
    metadata = metadata_now()
    assert all(other["TITLE"].startswith("A ") for name, other in metadata.items() if name != first)
    shop.put_item(first, title="back", price=1.5)
    soon(lambda: first in names(shop.listed(campaign, "in-stock", userId="u0", numResults=50)))
    soon(lambda: first in names(shop.listed(campaign, "cheap", userId="u0", numResults=50)))


def test_a_user_that_is_put_is_seen_by_filters(shop: Shop) -> None:
    campaign = shop.campaign(PERSONAL)
    shop.put_item("i50", title="wish")
    for user in ("u2", "nobody yet"):
        shop.put_user(user, gender="wish")
        soon(lambda user=user: names(shop.listed(campaign, "wished", userId=user)) == ["i50"])  # type: ignore[misc]
    assert len(shop.listed(campaign, "serious", userId="u4", numResults=80)) == 80
    shop.put_user("u4", age=101)
    soon(lambda: len(shop.listed(campaign, "serious", userId="u4", numResults=80)) < 50)
    # Of two processes, the other one may still answer by what it knew.
    soon(lambda: all(int(name[1:]) % 2 == 0 for name in names(shop.listed(campaign, "serious", userId="u4"))))


def test_a_record_that_is_refused_changes_nothing(shop: Shop) -> None:
    campaign = shop.campaign(PERSONAL)
    before = shop.listed(campaign, userId="u8", numResults=50, metadataColumns=_TITLE)
    bad = [{"itemId": "i1", "properties": json.dumps({"genres": "Horror", "price": "much"})}]
    good = [{"itemId": "i2", "properties": json.dumps({"genres": "Horror", "title": "changed"})}]
    answer = shop.world.ask("PutItems", datasetArn=shop.world.datasets["Items"], items=[*good, *bad])
    assert (answer.status, answer.code) == (400, "InvalidInputException")
    assert shop.listed(campaign, userId="u8", numResults=50, metadataColumns=_TITLE) == before


def test_an_import_is_seen_without_a_request_in_between(shop: Shop) -> None:
    campaign = shop.campaign(PERSONAL)
    assert "i51" in names(shop.listed(campaign, "in-stock", userId="u0", numResults=80))
    shop.append("Items", "ITEM_ID,GENRES,PRICE,TITLE", "i51,Horror,1.5,out")
    soon(lambda: "i51" not in names(shop.listed(campaign, "in-stock", userId="u0", numResults=80)))
    shop.put_item("i51", title="later than the import")
    soon(lambda: "i51" in names(shop.listed(campaign, "in-stock", userId="u0", numResults=80)))


def test_an_item_that_no_model_knows_has_attributes_and_a_place_at_the_end_of_rankings(shop: Shop) -> None:
    alike, ranking = shop.campaign(ALIKE), ("cold", "i41", "stranger", "frozen", "i43")
    assert names(shop.ranked(*ranking, userId="u0"))[2:] == ["cold", "stranger", "frozen"]
    shop.put_item("cold", title="warm me", genres="Comedy")
    shop.put_item("frozen", title="out")

    def odd_ones() -> bool:
        found = names(shop.listed(alike, "same-genre", itemId="cold", numResults=80))
        return bool(found) and all(int(name[1:]) % 2 for name in found)

    soon(odd_ones)
    popular = names(shop.listed(alike, itemId="stranger"))
    assert names(shop.listed(alike, itemId="cold")) == popular and len(popular) == 25
    assert shop.listed(alike, "same-genre", itemId="stranger") == []
    soon(
        lambda: shop.ranked("frozen", userId="u0", metadataColumns=_TITLE)[0]["metadata"] == {"TITLE": "out"}
    )
    found = shop.ranked(*ranking, userId="u0", metadataColumns=_TITLE)
    assert set(names(found[:2])) == {"i41", "i43"}
    assert [(entry["itemId"], entry["score"]) for entry in found[2:]] == [
        (name, 0) for name in ("cold", "stranger", "frozen")
    ]
    assert [entry["metadata"] for entry in found[2:]] == [{"TITLE": "warm me"}, {}, {"TITLE": "out"}]
    assert sum(entry["score"] for entry in found) == pytest.approx(1, abs=1e-5)
    left = names(shop.ranked(*ranking, userId="u0", filter="in-stock"))
    assert "frozen" not in left and {"cold", "stranger"} < set(left)


def test_a_campaign_made_again_under_its_name_answers_from_its_own_model(shop: Shop) -> None:
    config = {"itemExplorationConfig": {"explorationWeight": "0"}}
    for recipe, scored in ((PERSONAL, True), ("popularity-count", False)):
        request = {"name": "again", "solutionVersionArn": shop.version(recipe), "campaignConfig": config}
        campaign = shop.world.do("CreateCampaign", **request)["campaignArn"]
        for _ in range(ASKED):
            listed = shop.listed(campaign, userId="u0", numResults=9)
            assert [("score" in entry) for entry in listed] == [scored] * 9
        shop.world.do("DeleteCampaign", campaignArn=campaign)


def test_what_was_put_is_seen_by_the_first_answers_after_a_kill(shop: Shop) -> None:
    """The last test of this shop: nothing asks between the record and the kill."""
    campaign = shop.campaign(PERSONAL)
    assert "i53" in names(shop.listed(campaign, "in-stock", userId="u0", numResults=80))
    shop.put_user("born late", gender="wish")
    shop.put_item("i53", title="out")
    shop.put_item("i55", title="wish")
    shop.server.kill()
    shop.server.start()
    for _ in range(ASKED):
        assert "i53" not in names(shop.listed(campaign, "in-stock", userId="u0", numResults=80))
        assert set(names(shop.listed(campaign, "wished", userId="born late"))) == {"i50", "i55"}
