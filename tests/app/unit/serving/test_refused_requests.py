"""Requests that are refused: their mistakes, other users' lists, and cursors of something else."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.http.problems import BadRequest
from pipeline.serving.cursors import Cursor
from tests.app.support.gateway_events import user
from tests.app.support.serving_api import ALIKE, ENDPOINTS, ONE, PEOPLE, POSTS, PROGRAMS, Api


@pytest.mark.parametrize("which", ENDPOINTS, ids=lambda which: which.kind)
def test_every_mistake_of_a_request_is_refused_at_once(table: Any, which: Any) -> None:
    answer = Api(table).get(which, "a\x00b", status=400, limit="0", exclude="," * 101, offset="3")

    subject = "path.itemId" if which.kind == "similar" else "path.userId"
    assert [mistake["where"] for mistake in answer["errors"]] == [
        subject,
        "query.offset",
        "query.limit",
        "query.exclude",
    ] or [mistake["where"] for mistake in answer["errors"]] == [
        subject,
        "query.offset",
        "query.limit",
        "query.exclude[0]",
    ]


@pytest.mark.parametrize("items", [None, [], "c1", [1], ["a"] * 501, [""]])
def test_a_ranking_of_anything_but_ids_is_refused(table: Any, items: Any) -> None:
    assert Api(table).rank("u1", items, status=400)["code"] == "invalid_request"


@pytest.mark.parametrize("which", [PEOPLE, POSTS, PROGRAMS], ids=lambda which: which.kind)
def test_nobody_reads_another_user_s_list_known_or_not(table: Any, which: Any) -> None:
    api = Api(table)

    known, unknown = (api.get(which, id_, status=403, authorizer=user("u2")) for id_ in ("u1", "nobody"))

    assert known == unknown
    assert api.client.calls == []
    assert api.get(which, "u1", status=401, authorizer=None)["code"] == "unauthorized"


def test_similar_items_need_no_user(table: Any) -> None:
    assert Api(table).get(ALIKE, "c1", authorizer=user("anybody"))["source"] == "popular"


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "%",
        "é",
        "A" * 9000,
        Cursor("people", ONE).encode(),
        base64.urlsafe_b64encode(b'[1,"posts","g",0,null]\nabc').decode(),
        base64.urlsafe_b64encode(json.dumps([1, "posts", 7, 0, None]).encode()).decode(),
        base64.urlsafe_b64encode(json.dumps([1, "posts", "g", -1, None]).encode()).decode(),
        base64.urlsafe_b64encode(json.dumps([2, "posts", "g", 0, None]).encode()).decode(),
        Cursor("posts", ONE, count=10**9).encode(),
        Cursor("posts", ONE, catalogue=10**9).encode(),
        Cursor("posts", "").encode(),
        Cursor("posts", "g" * 65).encode(),
        Cursor("posts", ONE, variant="v" * 65).encode(),
    ],
)
def test_anything_but_a_cursor_of_the_same_list_is_refused(table: Any, cursor: str) -> None:
    answer = Api(table).get(POSTS, "u1", status=400, cursor=cursor)

    assert answer["errors"][0]["where"] == "query.cursor"


def test_the_longest_cursor_that_can_be_made_is_read() -> None:
    made = Cursor(
        "posts", "g" * 64, frozenset({b"\0" * 6}), count=10**9 - 1, catalogue=10**9 - 1, variant="v" * 64
    )

    assert Cursor.decode(made.encode(), "posts") == made


@given(st.text() | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_a_made_up_cursor_never_does_more_than_be_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        Cursor.decode(text, "posts")
