"""Lines of stored events: what is read of them by one pattern and one by one, and what is no event."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pipeline.tracking.lines import Lines, by_pattern, one_by_one

EVENT: dict[str, Any] = {
    "event_id": "e", "use_case": "posts", "type": "like", "item_id": "i", "timestamp": 7, "received_at": 8,
    "source": "batch", "variant": "own", "user_id": "u", "recommendation_id": "r",
    "arm": "control", "experiment": 2,
}  # fmt: skip


def line(**changes: Any) -> bytes:
    return json.dumps({**EVENT, **changes}, separators=(",", ":")).encode() + b"\n"


def test_a_line_as_it_is_written_is_read_by_pattern_as_it_is_one_by_one() -> None:
    text = line() + line(user_id="v", experiment=4_294_967_295)

    assert by_pattern(text) == one_by_one(text)
    assert one_by_one(text).found[0] == (b"like", b"i", b"7", b"batch", b"u", b"", b"r", b"control", b"2")


def test_numbers_begin_at_nought() -> None:
    [found] = one_by_one(line(timestamp=0, experiment=0)).found

    assert (found[2], found[8]) == (b"0", b"0")


@pytest.mark.parametrize(
    "changes",
    [
        *({name: value} for name in ("timestamp", "experiment") for value in (-1, 1 << 32, 1.5, True, "7")),
        *({name: 1} for name in ("type", "item_id", "source", "user_id", "arm", "recommendation_id")),
        {"user_id": ""},
    ],
    ids=str,
)
def test_an_event_has_texts_and_numbers_of_32_bits(changes: dict[str, Any]) -> None:
    assert one_by_one(line(**changes)) == Lines([], 1)


def test_what_is_not_utf8_is_no_event() -> None:
    broken = line().replace(b'"i"', b'"\xff"')

    assert by_pattern(broken) is None
    assert one_by_one(broken) == Lines([], 1)
