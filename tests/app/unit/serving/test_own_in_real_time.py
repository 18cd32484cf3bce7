"""Real time of the variant `own`: its stored model answers, with what the user has touched just now."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import engine
from pipeline import keys
from pipeline.own.files import download
from pipeline.own.train import Trained
from pipeline.realtime.answers import StoredModels
from pipeline.realtime.models import Models
from pipeline.realtime.newest import Newest
from pipeline.serving.settings import Endpoint, OwnRealtime
from pipeline.storage import Bucket
from pipeline.tracking.recent import RecentEvents
from tests.app.support.experiments.experimenting import experiment, put_experiment
from tests.app.support.own_data import RUN, trained
from tests.app.support.serving_api import REALTIME, TABLE, Api, Campaign, SlowStorage, ids, publish
from tests.app.support.tracking_world import event

NEXT = "20261122T195012345"
OWN = OwnRealtime(budget_ms=5_000, touched=True, tracked=True)
FEED = Endpoint(use_case="shop", path="shop", kind="feed", variant="own", longest=30, own=OWN)
POPULAR = ["p1", "p2"]
EVENTS = ("i3", "i7", "i11")


def record(bucket: Bucket, model: Trained, generation: str = RUN) -> None:
    """As publishing leaves it."""
    chosen = {"generation": generation, "modelKey": model["modelKey"], "modelDigest": model["modelDigest"]}
    bucket.write_json(keys.last_good("shop", "own"), chosen)


class Function:
    """A warm function with models. `now` is its monotonic clock."""

    def __init__(self, bucket: Bucket, dynamodb: Any, folder: Path, *feeds: Endpoint, **more: Any) -> None:
        self.now = 0.0
        self.storage = SlowStorage(bucket.client)
        self.log: list[str] = []
        self.models = Models(
            Bucket(self.storage, bucket.name),
            told=self.log.append,
            folder=folder / "models",
            clock=lambda: self.now,
        )
        live = StoredModels(self.models, Newest(dynamodb, TABLE, self.log.append), told=self.log.append)
        self.api = Api(dynamodb, more.get("campaign"), feeds or (FEED,), live)
        self.feed = (feeds or (FEED,))[0]

    def get(self, user: str, **query: Any) -> Any:
        return self.api.get(self.feed, user, **query)

    @property
    def reasons(self) -> tuple[str, ...]:
        return self.api.told[-1].reasons

    def later(self, seconds: float) -> None:
        self.now += seconds
        self.api.now += seconds


@pytest.fixture
def model(bucket: Bucket, dynamodb: Any) -> Trained:
    """Published, with a stored list for one user."""
    found = trained(bucket)
    record(bucket, found)
    publish(dynamodb, "shop", RUN, {"u1": ["stored"]}, popular=POPULAR, variant="own")
    return found


@pytest.fixture
def function(bucket: Bucket, dynamodb: Any, tmp_path: Path, model: Trained) -> Function:
    return Function(bucket, dynamodb, tmp_path)


def loaded(bucket: Bucket, key: str, folder: Path) -> engine.Model:
    download(bucket, key, folder / "direct.rec")
    return engine.load(folder / "direct.rec")


def test_the_stored_model_answers_with_chances_and_without_what_was_touched(
    function: Function, bucket: Bucket, model: Trained, tmp_path: Path
) -> None:
    answer = function.get("u1", limit="10")

    [expected] = loaded(bucket, model["modelKey"], tmp_path).recommend(["u1"], 10)
    assert (answer["source"], answer["variant"], answer["generation"]) == ("realtime", "own", RUN)
    assert ids(answer) == expected.item_ids
    scores = [item["score"] for item in answer["items"]]
    assert scores == pytest.approx(expected.scores, rel=1e-6)
    assert function.reasons == ()


def test_events_of_the_request_are_the_newest_part_of_the_history(
    function: Function, bucket: Bucket, model: Trained, tmp_path: Path
) -> None:
    direct = loaded(bucket, model["modelKey"], tmp_path)
    for user in ("u1", "somebody new"):
        answer = function.get(user, limit="10", events=",".join((*EVENTS, EVENTS[0])))

        last_seen = [*EVENTS[1:], EVENTS[0]]
        [expected] = direct.recommend([user], 10, recent={user: last_seen})
        assert (answer["source"], ids(answer)) == ("realtime", expected.item_ids)
        assert not {*EVENTS} & {*ids(answer)}
    assert ids(function.get("u1", limit="10")) != ids(function.get("u1", limit="10", events="i3"))


def test_events_that_were_posted_count_before_those_of_the_request(
    function: Function, bucket: Bucket, dynamodb: Any, model: Trained, tmp_path: Path
) -> None:
    recent = RecentEvents(dynamodb, TABLE, random.Random(0), clock=lambda: 1_700_000_000)
    posted = [
        event(n, use_case="shop", user_id="new", item_id=item, type=kind, timestamp=1_700_000_000 + n)
        for n, (item, kind) in enumerate([("i4", "view"), ("i8", "buy"), ("i0", "impression")])
    ]
    for _ in range(2):  # what is repeated is one event
        recent.remember(reversed(posted), ("view", "buy"))

    answer = function.get("new", limit="5", events="i12")

    direct = loaded(bucket, model["modelKey"], tmp_path)
    [expected] = direct.recommend(["new"], 5, recent={"new": ["i4", "i8", "i12"]})
    assert (answer["source"], ids(answer)) == ("realtime", expected.item_ids)
    assert function.get("other", limit="5")["source"] == "popular"
    assert function.reasons[0] == "own_empty"


def test_pages_hold_nothing_twice_and_end_where_stored_ones_do(function: Function) -> None:
    pages = function.api.pages(FEED, "u1", limit="7", events="i3")

    shown = ids(*pages)
    assert {page["source"] for page in pages} == {"realtime"}
    assert len(shown) == len(set(shown)) <= FEED.longest


def test_a_new_generation_is_picked_up_and_the_one_before_answers_until_then(
    function: Function, bucket: Bucket, dynamodb: Any
) -> None:
    assert function.get("u1")["generation"] == RUN
    following = trained(bucket, run=NEXT, algorithm="svd")
    publish(dynamodb, "shop", NEXT, {}, popular=POPULAR, variant="own")
    record(bucket, following, NEXT)
    function.later(6)
    with function.storage.slow():
        assert function.get("u1")["generation"] == RUN

    function.models.settle("shop")

    assert function.get("u1")["generation"] == NEXT
    assert len(list((function.models.folder / "shop").glob("*.rec"))) == 1


@pytest.mark.parametrize("damage", ["torn", "gone"])
def test_a_next_model_that_cannot_be_had_leaves_the_one_before_in_use_and_is_told(
    function: Function, bucket: Bucket, dynamodb: Any, damage: str
) -> None:
    function.get("u1")
    following = trained(bucket, run=NEXT, algorithm="svd")
    spoil(bucket, following["modelKey"], damage)
    publish(dynamodb, "shop", NEXT, {}, popular=POPULAR, variant="own")
    record(bucket, following, NEXT)
    function.later(6)
    function.get("u1")
    function.models.settle("shop")

    answer = function.get("u1")

    assert (answer["source"], answer["generation"]) == ("realtime", RUN)
    assert len(function.log) == 1 and following["modelKey"] in function.log[0]


def test_an_earlier_generation_that_is_served_again_is_answered_by_its_own_model(
    bucket: Bucket, dynamodb: Any, tmp_path: Path, model: Trained
) -> None:
    record(bucket, trained(bucket, run=NEXT, algorithm="svd"), NEXT)

    answer = Function(bucket, dynamodb, tmp_path).get("u1", limit="5")

    [expected] = loaded(bucket, model["modelKey"], tmp_path).recommend(["u1"], 5)
    assert (answer["generation"], ids(answer)) == (RUN, expected.item_ids)


def spoil(bucket: Bucket, key: str, damage: str) -> None:
    whole = bucket.open(key).read()
    if damage == "gone":
        bucket.client.delete_object(Bucket=bucket.name, Key=key)
    elif damage == "torn":
        bucket.write(key, whole[: len(whole) // 2], "application/octet-stream")
    else:
        bucket.write(key, whole[:-1] + bytes([whole[-1] ^ 1]), "application/octet-stream")


@pytest.mark.parametrize("damage", ["torn", "gone", "flipped bit", "no record", "broken record"])
def test_without_a_sound_model_the_stored_list_answers(
    bucket: Bucket, dynamodb: Any, tmp_path: Path, model: Trained, damage: str
) -> None:
    if damage == "no record":
        bucket.client.delete_object(Bucket=bucket.name, Key=keys.last_good("shop", "own"))
        spoil(bucket, model["modelKey"], "gone")
    elif damage == "broken record":
        bucket.write_json(keys.last_good("shop", "own"), {"generation": RUN})
    else:
        spoil(bucket, model["modelKey"], damage)
    function = Function(bucket, dynamodb, tmp_path)

    answer = function.get("u1")

    assert (answer["source"], ids(answer)) == ("batch", ["stored"])
    assert function.reasons == ("own_failed",)
    tried = function.storage.reads
    function.get("u1")
    assert function.storage.reads == tried, "a model that cannot be had is not asked for with every request"

    function.later(30.0)
    record(bucket, trained(bucket))
    assert function.get("u1")["source"] == "realtime"


def test_while_storage_is_slow_the_stored_list_answers_in_time(
    bucket: Bucket, dynamodb: Any, tmp_path: Path, model: Trained
) -> None:
    hurried = replace(FEED, own=replace(OWN, budget_ms=30))
    function = Function(bucket, dynamodb, tmp_path, hurried)

    with function.storage.slow():
        answers = [function.get("u1") for _ in range(6)]
    function.models.settle("shop")

    assert {answer["source"] for answer in answers} == {"batch"}
    assert {told.reasons for told in function.api.told} == {("own_timeout",), ("own_failed",)}
    patient = Function(bucket, dynamodb, tmp_path)
    assert patient.get("u1")["source"] == "realtime"


def test_whoever_a_variant_is_due_to_is_answered_by_it_alone(
    bucket: Bucket, dynamodb: Any, tmp_path: Path, model: Trained
) -> None:
    publish(dynamodb, "shop", RUN, {}, popular=POPULAR, variant="personalize")
    arms = {"u1": "treatment", "u2": "control"}
    put_experiment(dynamodb, "shop", experiment(version=7, overrides=arms))
    both = replace(FEED, variant="personalize", others=("own",), realtime=REALTIME)
    function = Function(bucket, dynamodb, tmp_path, both, campaign=Campaign(["live"]))

    treated, controlled = function.get("u1"), function.get("u2", events="i3")

    assert [(one["arm"], one["variant"], one["source"]) for one in (treated, controlled)] == [
        ("treatment", "own", "realtime"),
        ("control", "personalize", "campaign"),
    ]


def test_rankings_and_similar_items_are_the_model_s_too(
    bucket: Bucket, dynamodb: Any, tmp_path: Path, model: Trained
) -> None:
    programs = replace(FEED, path="programs", kind="directory")
    alike = replace(FEED, path="programs", kind="similar", own=replace(OWN, tracked=False))
    function = Function(bucket, dynamodb, tmp_path, programs)
    direct = loaded(bucket, model["modelKey"], tmp_path)
    given = ["i9", "i10", "i3", "i14"]

    ranked = function.api.rank("new", given, events=list(EVENTS))

    [best] = direct.recommend(["new"], 40, recent={"new": EVENTS})
    expected = [item for item in best.item_ids if item in given]
    assert (ranked["source"], ids(ranked)) == ("realtime", [*expected, "i3"])
    assert [item["matched"] for item in ranked["items"]] == [True] * len(expected) + [False]
    similar = Function(bucket, dynamodb, tmp_path / "alike", alike)
    [near] = direct.similar_items(["i3"], 5)
    assert ids(similar.get("i3", limit="5")) == near.item_ids
    assert similar.api.get(alike, "i3", status=400, events="i1")["errors"][0]["where"] == "query.events"


@pytest.mark.parametrize(
    ("events", "where"),
    [(",".join(f"i{n}" for n in range(51)), "query.events"), ("i1,\n,i2", "query.events[1]")],
)
def test_mistaken_events_are_refused(function: Function, events: str, where: str) -> None:
    refused = function.api.get(FEED, "u1", status=400, events=events)

    assert [mistake["where"] for mistake in refused["errors"]] == [where]


def test_endpoints_without_a_model_take_no_events(dynamodb: Any) -> None:
    plain = replace(FEED, own=None)
    api = Api(dynamodb, endpoints=(plain,))

    assert api.get(plain, "u1", status=400, events="i1")["errors"][0]["where"] == "query.events"
