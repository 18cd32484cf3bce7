"""Lines of batch output are written as `json.dumps` would, only sooner."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from engine.serving.recommender import Recommendation
from pipeline.own.lines import Scored, Similar
from pipeline.own.score_texts import joined, rounded

FLOATS = st.floats(width=32, allow_nan=False, allow_infinity=False)
CHANCES = st.one_of(st.floats(0, 1, width=32), st.sampled_from([0.1, 0.25, 0.0001, 0.09999999, 0.9999999]))
IDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


def dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def seven_digits(scores: Any) -> list[float]:
    return [float(f"{score:.7g}") for score in scores]


@given(arrays.arrays(np.float32, st.integers(0, 40), elements=FLOATS))
def test_scores_have_seven_digits_as_python_rounds_them(scores: Any) -> None:
    assert list(map(repr, rounded(scores).tolist())) == list(map(repr, seven_digits(scores.tolist())))


def test_so_do_scores_of_every_size_near_powers_of_ten_and_halfway() -> None:
    rng = np.random.default_rng(5)
    powers = 10.0 ** np.arange(-30, 30)
    halves = (rng.integers(10**6, 10**7, 2_000) + 0.5) / 10.0 ** rng.integers(0, 12, 2_000)
    near = [np.nextafter(np.float32(powers), np.float32(to)) for to in (0, np.inf)]
    any_size = [rng.random(20_000), rng.random(20_000) ** 20, rng.normal(0, 1e5, 5_000)]
    scores = np.concatenate([powers, *near, halves, *any_size]).astype(np.float32)

    assert rounded(scores).tolist() == seven_digits(scores.tolist())
    alone = joined(scores[:, None], np.ones(len(scores), np.int64))
    assert alone == list(map(repr, seven_digits(scores.tolist())))


@given(
    arrays.arrays(np.float32, st.tuples(st.integers(0, 4), st.integers(1, 6)), elements=CHANCES),
    st.data(),
)
def test_lists_of_chances_are_written_as_python_writes_them(scores: Any, data: st.DataObject) -> None:
    width = scores.shape[1]
    lengths = data.draw(st.lists(st.integers(0, width), min_size=len(scores), max_size=len(scores)))
    expected = [
        ",".join(map(repr, seven_digits(row[:length])))
        for row, length in zip(scores.tolist(), lengths, strict=True)
    ]
    assert joined(scores, np.array(lengths, np.int64)) == expected


@given(st.lists(IDS, min_size=1, max_size=6, unique=True), IDS, st.data())
def test_a_line_is_what_json_writes_of_what_is_left(ids: list[str], user: str, data: st.DataObject) -> None:
    left = data.draw(st.integers(0, len(ids)))
    best = sorted(data.draw(st.lists(FLOATS, min_size=left, max_size=left)), reverse=True)
    scores = np.array([[*best, *[-np.inf] * (len(ids) - left)]], np.float32)
    texts = [json.dumps(id_, ensure_ascii=False) for id_ in ids]
    codes = np.arange(len(ids), dtype=np.int32)[None]

    line, short = Scored(texts, codes, scores, len(ids)).written([{"userId": user}])

    output = {"recommendedItems": ids[:left], "scores": seven_digits(scores[0][:left].tolist())}
    assert line == dumped({"input": {"userId": user}, "output": output, "error": None})
    assert short == (left < len(ids))


@given(st.lists(IDS, max_size=4), IDS)
def test_a_line_of_an_item_has_neither_scores_nor_errors(ids: list[str], item: str) -> None:
    line, _ = Similar([Recommendation(ids, [0.0] * len(ids))], len(ids)).written([{"itemId": item}])

    assert line == dumped({"input": {"itemId": item}, "output": {"recommendedItems": ids}})
