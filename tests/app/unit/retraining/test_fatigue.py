"""Fatigue: what somebody was shown on several days and did nothing with comes later."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import InvalidInput
from pipeline.lists.batch_input import BatchInput, write_batch_input
from pipeline.lists.caps import Cap, Capping
from pipeline.lists.fatigue import ACTED, Fatigue, tiring
from pipeline.lists.load import Shard, Tiring, choose, load_recommendations
from pipeline.storage import Bucket
from pipeline.tracking import lake
from pipeline.tracking.batch import Batch
from pipeline.tracking.shown_lately import notes_of_people
from tests.app.support.tracking_world import event
from tests.app.unit.retraining.test_batch_input import AUDIENCE, RUN_SECONDS, put_interactions
from tests.app.unit.retraining.test_load import LOAD, TABLE, output, stored
from tests.support.pauses import LongestPauses

FATIGUE = Fatigue(shown_days=2, days=3, most=1, among=3)
ITEMS = "abcdefghij"
DAY = 86_400


def rested(
    ranked: Sequence[str], tired: Iterable[str], limit: int, most: int = 1, among: int = 3
) -> list[str]:
    cap = replace(FATIGUE, most=most, among=among).cap
    return choose(ranked, (), (), limit, None, Tiring(cap, [*tired])).items


def test_tiring_items_beyond_those_that_may_stay_come_behind_the_first() -> None:
    assert rested("abcdef", "abc", 6) == ["a", "d", "e", "b", "c", "f"]
    assert rested("abcdef", "ab", 6, most=0) == ["c", "d", "e", "a", "b", "f"]


def test_where_there_is_nothing_else_fatigue_gives_way_and_the_list_stays_as_long() -> None:
    assert rested("abcd", "abcd", 4) == ["a", "b", "c", "d"]
    assert rested("abcd", "abc", 4) == ["a", "d", "b", "c"]


Lists = st.lists(st.sampled_from(ITEMS), max_size=15)


@given(
    ranked=Lists, popular=st.lists(st.sampled_from("ghijklm"), unique=True), own=Lists,
    tired=st.sets(st.sampled_from(ITEMS)),
    most=st.integers(0, 4), among=st.integers(2, 8), limit=st.integers(2, 12),
)  # fmt: skip
def test_fatigue_only_reorders_what_was_recommended_and_lets_few_tiring_ones_among_the_first(
    ranked: list[str],
    popular: list[str],
    own: list[str],
    tired: set[str],
    most: int,
    among: int,
    limit: int,
) -> None:
    cap = Cap(column="", most=most, among=among)

    found = choose(ranked, popular, own, limit, None, Tiring(cap, sorted(tired))).items

    plain = choose(ranked, popular, own, limit).items
    candidates = [item for item in dict.fromkeys(ranked) if item not in own]
    fresh = [item for item in candidates if item not in tired]
    assert len(found) == len(plain) == len(set(found)) and not set(found) & set(own)
    # Among the first there are more tiring ones only where all that is fresh is before them.
    first = [item for item in found[:among] if item in candidates]
    if sum(item in tired for item in first) > most:
        assert set(fresh) <= set(first)
    # Fresh ones keep their order, and so do tiring ones.
    for kind in (fresh, [item for item in candidates if item in tired]):
        kept = [item for item in found if item in kind]
        assert kept == [item for item in kind if item in kept]
    if not tired & set(candidates[:among]):
        assert found == plain


def test_a_cap_holds_and_fatigue_does_not_move_anything_past_it() -> None:
    capping = Capping([Cap(column="AUTHOR", most=1, among=3)], {"AUTHOR": {item: [0] for item in "abc"}})
    tired = Tiring(FATIGUE.cap, ["d", "e"])
    assert choose("abcdefg", (), (), 7, capping, tired).items == ["a", "d", "f", "b", "c", "e", "g"]


@pytest.mark.parametrize(
    ("notes", "found"),
    [
        ([("a", "d1"), ("a", "d1"), ("b", "d1"), ("b", "d2")], ["b"]),
        ([("a", "d1"), ("a", "d2"), ("a", ACTED)], []),
        ([("b", "d1"), ("a", "d1"), ("a", "d2"), ("b", "d3")], ["b", "a"]),
        ([], []),
    ],
    ids=["days count, not times", "what was acted upon", "in order", "nothing"],
)
def test_an_item_is_tiring_after_so_many_days_without_anything_done(
    notes: list[tuple[str, str]], found: list[str]
) -> None:
    assert tiring(notes, 2) == found


def shown(bucket: Bucket, person: str | None, item: str, *ago: int, kind: str = "impression") -> None:
    for days in ago:
        who: dict[str, Any] = {"user_id": person} if person else {"user_id": None, "session_id": "s" * 20}
        one = event(
            1, event_id=f"{person}-{item}-{days}-{kind}", item_id=item, type=kind,
            timestamp=RUN_SECONDS - days * DAY, **who,
        )  # fmt: skip
        lake.store(bucket, Batch.of([one]))


def written_for(bucket: Bucket) -> BatchInput:
    """As the step does it."""
    notes = notes_of_people(bucket, AUDIENCE.use_case, AUDIENCE.run, FATIGUE.days)
    return write_batch_input(bucket, replace(AUDIENCE, fatigue=FATIGUE), notes)


def own_lines(bucket: Bucket) -> tuple[Shard, dict[str, dict[str, Any]]]:
    written = written_for(bucket)
    [shard] = bucket.read_json(written["shardsKey"])
    with bucket.open(shard["own"]) as body:
        lines = [json.loads(line) for line in body.read().splitlines()]
    return Shard(**shard), {line["userId"]: line for line in lines}


def test_what_people_were_shown_in_the_days_before_the_run_is_told_with_the_batch_input(
    bucket: Bucket,
) -> None:
    put_interactions(bucket, ("u1", "x", "like", 1), ("u2", "y", "view", 2))
    shown(bucket, "u1", "a", 0, 1)  # tiring
    shown(bucket, "u1", "b", 0)  # once only
    shown(bucket, "u1", "c", 2, 3)  # one of the days is too long ago
    shown(bucket, "u1", "d", 0, 1, 2)  # acted upon
    shown(bucket, "u1", "d", 1, kind="like")
    shown(bucket, "u9", "a", 0, 1)  # nobody of the audience
    shown(bucket, None, "a", 0, 1)  # not signed in

    _, lines = own_lines(bucket)

    assert lines == {
        "u1": {"userId": "u1", "own": ["x"], "tiring": ["a"]},
        "u2": {"userId": "u2", "own": ["y"]},
    }


def test_an_event_that_another_region_has_copied_here_counts_once(bucket: Bucket) -> None:
    put_interactions(bucket, ("u1", "x", "like", 1))
    shown(bucket, "u1", "a", 0)
    twice = Bucket(bucket.client, bucket.name, copies=Bucket(bucket.client, bucket.name))

    _, lines = own_lines(twice)

    assert "tiring" not in lines["u1"]


def test_days_with_something_else_than_events_are_refused(bucket: Bucket) -> None:
    put_interactions(bucket, ("u1", "x", "like", 1))
    bucket.write(
        f"{lake.folder('posts', '2026-12-31')}odd.jsonl.gz", gzip.compress(b"{}\n"), "application/gzip"
    )

    with pytest.raises(InvalidInput, match="1 lines of events/use_case=posts/date=2026-12-31/ are no events"):
        written_for(bucket)


def test_a_run_stores_lists_that_are_not_the_same_every_day(bucket: Bucket, dynamodb: Any) -> None:
    put_interactions(bucket, ("u1", "x", "like", 1), ("u2", "y", "view", 2))
    for item in "abc":
        shown(bucket, "u1", item, 0, 1)
    shard, _ = own_lines(bucket)
    lines = [output(user, *"abcdef") for user in ("u1", "u2")]
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    bucket.write(shard.output, text, "application/jsonlines")
    load = replace(LOAD, shard=shard, popular_key="none.json", limit=6, fatigue=FATIGUE)

    counts = load_recommendations(dynamodb, TABLE, bucket, load, sleep=lambda _: None, rng=LongestPauses())

    assert stored(dynamodb) == {"u1": ["a", "d", "e", "b", "c", "f"], "u2": list("abcdef")}
    assert (counts.users, counts.rested, counts.capped) == (2, 1, 0)
