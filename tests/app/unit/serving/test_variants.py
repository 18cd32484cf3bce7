"""Several variants: the list that is due to somebody, whoever else answers, and what is said of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pipeline.experiments.assignment import assigned
from pipeline.experiments.changes import filled, stopped
from pipeline.experiments.items import current_key
from pipeline.serving.table import Table
from pipeline.serving.waiting import Waiting
from pipeline.serving_items import pointer_key, popular_key, user_key
from tests.app.support.experiments.experimenting import NOTE, experiment, put_experiment
from tests.app.support.gateway_events import user
from tests.app.support.in_memory import LaggingReads
from tests.app.support.serving_api import (
    ALIKE,
    ENDPOINTS,
    NOW,
    ONE,
    POSTS,
    PROGRAMS,
    REALTIME,
    TABLE,
    THROTTLED,
    TWO,
    Api,
    Campaign,
    failure,
    ids,
    publish,
)

RUNNING = experiment(version=7)
BOTH = tuple(replace(one, others=("own",)) for one in ENDPOINTS)
FEED, DIRECTORY, SIMILAR = (replace(one, others=("own",)) for one in (POSTS, PROGRAMS, ALIKE))


def test_pointers_and_the_experiment_are_read_as_they_are_now(dynamodb: Any) -> None:
    """So that nobody goes back; lists, which never change, may be read from any copy."""
    publish(dynamodb, "posts", ONE, {"u1": ["a"]}, popular=["p"], variant="own")
    put_experiment(dynamodb, "posts", RUNNING)
    table = Table(LaggingReads(dynamodb), TABLE, Waiting(), clock=lambda: NOW)

    seen = table.look("posts", ("personalize", "own"))

    assert ([*seen.visible], seen.experiment) == (["own"], RUNNING)
    assert table.own_list("posts", "u1", "own", ONE) is None, "of a copy that lags"


def somebody(arm: str | None, given: Any = RUNNING) -> str:
    return next(id_ for id_ in (f"u{n}" for n in range(1000)) if assigned(given, id_).arm == arm)


TREATED, CONTROLLED = somebody("treatment"), somebody("control")
USERS = (TREATED, CONTROLLED)


@pytest.fixture
def both(dynamodb: Any) -> Any:
    """Lists of both variants, of one generation each, in the middle of an experiment."""
    for variant, generation, mark in (("personalize", ONE, "p"), ("own", TWO, "o")):
        lists = {id_: [f"{mark}{n}" for n in range(5)] for id_ in USERS}
        similar = {"c1": [f"{mark}c"]}
        popular = [f"{mark}-popular"]
        publish(dynamodb, "posts", generation, lists, popular=popular, variant=variant)
        publish(dynamodb, "alike", generation, similar, popular=popular, variant=variant)
        publish(
            dynamodb,
            "programs",
            generation,
            {id_: ["c2"] if mark == "p" else ["c3"] for id_ in USERS},
            popular=["c3"],
            catalogue=[["c1", "c2", "c3"]],
            variant=variant,
        )
    for use_case in ("posts", "programs", "alike"):
        put_experiment(dynamodb, use_case, RUNNING)
    return dynamodb


def told(answer: Any) -> tuple[Any, ...]:
    return (*(answer.get(name) for name in ("arm", "experiment", "variant", "source")), ids(answer)[0])


def test_everybody_gets_the_list_of_their_arm_in_a_read_besides_what_is_remembered(both: Any) -> None:
    api = Api(both, endpoints=BOTH)

    assert told(api.get(FEED, TREATED)) == ("treatment", 7, "own", "batch", "o0")
    assert told(api.get(FEED, CONTROLLED)) == ("control", 7, "personalize", "batch", "p0")
    assert api.client.calls == ["query", "get_item", "query", "query", "get_item", "get_item"]
    assert [answer.reasons for answer in api.told] == [(), ()]


def test_an_endpoint_of_one_variant_knows_no_experiment(both: Any) -> None:
    answer = Api(both).get(POSTS, TREATED)

    assert told(answer) == (None, None, "personalize", "batch", "p0")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (experiment(exposure=0), (None, 1, "personalize")),
        (experiment(state="shadow"), (None, 1, "personalize")),
        (experiment(state="aa"), ("treatment", 1, "personalize")),
        (experiment(state="paused"), ("treatment", 1, "own")),
        (experiment(state="returned"), ("treatment", 1, "personalize")),
        (filled(RUNNING, NOTE, held_back=100), ("treatment", 8, "own")),
        (stopped(RUNNING, NOTE), (None, None, "personalize")),
        (experiment(overrides={TREATED: "control"}), ("control", 1, "personalize")),
        (experiment(arms=(replace(RUNNING.arms[0], variant="gone"), RUNNING.arms[1])),
         ("treatment", 1, "personalize")),
    ],
)  # fmt: skip
def test_the_state_of_the_experiment_decides_whose_list_an_arm_gets(
    both: Any, given: Any, expected: tuple[Any, ...]
) -> None:
    put_experiment(both, "posts", given)

    answer = Api(both, endpoints=BOTH).get(FEED, TREATED)

    assert told(answer)[:3] == expected


@pytest.mark.parametrize("broken", ["missing", "state", "format"])
def test_without_a_good_experiment_everybody_gets_the_default_variant(both: Any, broken: str) -> None:
    both.delete_item(TableName=TABLE, Key=current_key("posts"))
    if broken != "missing":
        put_experiment(both, "posts", replace(RUNNING, more={}))
        both.update_item(
            TableName=TABLE,
            Key=current_key("posts"),
            UpdateExpression="SET #m = :m",
            ExpressionAttributeNames={"#m": broken},
            ExpressionAttributeValues={":m": {"N": "9"}},
        )
    api = Api(both, endpoints=BOTH)

    assert told(api.get(FEED, TREATED)) == (None, None, "personalize", "batch", "p0")
    assert api.told[0].reasons == (() if broken == "missing" else ("experiment_broken",))


def test_where_the_due_variant_has_no_list_the_default_one_answers_and_is_named(both: Any) -> None:
    sk = {"S": f"own#{TWO}"}
    both.delete_item(TableName=TABLE, Key={"pk": {"S": user_key("posts", TREATED)}, "sk": sk})
    api = Api(both, endpoints=BOTH)

    assert told(api.get(FEED, TREATED)) == ("treatment", 7, "personalize", "batch", "p0")
    assert api.told[0].reasons == ("user_unknown",)


def test_where_the_default_variant_has_no_list_another_one_answers(both: Any) -> None:
    both.delete_item(TableName=TABLE, Key=pointer_key("posts", "personalize"))
    api = Api(both, endpoints=BOTH)

    assert told(api.get(FEED, CONTROLLED)) == ("control", 7, "own", "batch", "o0")
    assert api.told[0].reasons == ("pointer_missing",)


def test_who_has_no_list_at_all_gets_what_is_popular_with_the_due_variant_or_another(both: Any) -> None:
    newcomer = next(i for i in map(str, range(99)) if assigned(RUNNING, i).arm == "treatment")
    api = Api(both, endpoints=BOTH)
    assert told(api.get(FEED, newcomer)) == ("treatment", 7, "own", "popular", "o-popular")

    both.delete_item(TableName=TABLE, Key=popular_key("posts", "own", TWO))
    assert told(Api(both, endpoints=BOTH).get(FEED, newcomer))[2:4] == ("personalize", "popular")

    api.client.error = THROTTLED
    assert told(api.get(FEED, newcomer)) == ("treatment", 7, "own", "popular", "o-popular")


def test_the_campaign_belongs_to_the_variant_personalize(both: Any) -> None:
    endpoints = tuple(replace(one, realtime=REALTIME) for one in BOTH)
    feed = endpoints[1]
    campaign = Campaign(["live"])
    api = Api(both, campaign, endpoints)

    assert told(api.get(feed, CONTROLLED)) == ("control", 7, "personalize", "campaign", "live")
    assert told(api.get(feed, TREATED)) == ("treatment", 7, "own", "batch", "o0")
    campaign.answer = failure("ThrottlingException")
    assert told(api.get(feed, CONTROLLED)) == ("control", 7, "personalize", "batch", "p0")
    assert len(campaign.asked) == 2


def test_pages_stay_with_the_variant_that_they_began_with(both: Any) -> None:
    api = Api(both, endpoints=BOTH)
    first = {id_: api.get(FEED, id_, limit="2") for id_ in USERS}
    swapped = {TREATED: "control", CONTROLLED: "treatment"}
    put_experiment(both, "posts", experiment(version=8, overrides=swapped))
    api.now = 10.0

    rest = {id_: api.get(FEED, id_, cursor=first[id_]["nextCursor"]) for id_ in USERS}

    assert ids(first[TREATED], rest[TREATED]) == [f"o{n}" for n in range(5)]
    assert ids(first[CONTROLLED], rest[CONTROLLED]) == [f"p{n}" for n in range(5)]
    assert [rest[id_]["variant"] for id_ in USERS] == ["own", "personalize"]
    assert [rest[id_]["arm"] for id_ in USERS] == ["control", "treatment"]


def test_a_cursor_from_before_there_were_variants_is_of_the_default_one(both: Any) -> None:
    cursor = Api(both).get(POSTS, TREATED, limit="2")["nextCursor"]

    answer = Api(both, endpoints=BOTH).get(FEED, TREATED, cursor=cursor)

    assert (answer["variant"], ids(answer)) == ("personalize", ["p2", "p3", "p4"])


def test_a_cursor_of_a_variant_that_was_removed_is_gone(both: Any) -> None:
    cursor = Api(both, endpoints=BOTH).get(FEED, TREATED, limit="2")["nextCursor"]

    assert Api(both).get(POSTS, TREATED, status=410, cursor=cursor)["code"] == "cursor_expired"


def test_directories_and_rankings_are_those_of_the_arm(both: Any) -> None:
    api = Api(both, endpoints=BOTH)

    assert ids(*api.pages(DIRECTORY, TREATED, limit="1")) == ["c3", "c1", "c2"]
    assert ids(*api.pages(DIRECTORY, CONTROLLED, limit="1")) == ["c2", "c1", "c3"]
    ranked = {id_: api.rank(id_, ["c1", "c2", "c3"]) for id_ in USERS}
    assert [ids(ranked[id_])[0] for id_ in USERS] == ["c3", "c2"]
    assert [ranked[id_]["arm"] for id_ in USERS] == ["treatment", "control"]


def test_a_directory_without_the_due_variants_catalogue_has_that_of_another(both: Any) -> None:
    pk = {"S": "catalogue#programs"}
    both.delete_item(TableName=TABLE, Key={"pk": pk, "sk": {"S": f"own#{TWO}#00000"}})
    api = Api(both, endpoints=BOTH)

    pages = api.pages(DIRECTORY, TREATED, limit="1")

    assert (ids(*pages), pages[0]["variant"]) == (["c3", "c1", "c2"], "own")


def test_similar_items_are_those_of_the_callers_arm_if_the_caller_is_known(both: Any) -> None:
    api = Api(both, endpoints=BOTH)

    assert told(api.get(SIMILAR, "c1"))[:3] == (None, None, "personalize")
    assert told(api.get(SIMILAR, "c1", userId=TREATED))[:3] == ("treatment", 7, "own")
    assert told(api.get(SIMILAR, "c1", authorizer=user(TREATED)))[:3] == ("treatment", 7, "own")
    session = next(
        name for name in (f"session-{n:010d}" for n in range(99)) if assigned(RUNNING, name).variant == "own"
    )
    assert told(api.get(SIMILAR, "c1", sessionId=session))[:3] == ("treatment", 7, "own")
    assert api.get(SIMILAR, "c1", status=403, authorizer=user("x"), userId=TREATED)["code"]
    assert api.get(SIMILAR, "c1", status=400, sessionId="short")["errors"][0]["where"] == "query.sessionId"
    assert Api(both).get(ALIKE, "c1", status=400, userId=TREATED)["errors"][0]["where"] == "query.userId"
