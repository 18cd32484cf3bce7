"""A file that is read member by member says what the whole of it does, and no more of it is in memory."""

from __future__ import annotations

import io
import json
import tracemalloc
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from costs.prices.json_stream import BrokenJson, JsonStream

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.dictionaries(st.text(), VALUES, max_size=6)


def whole(stream: JsonStream) -> dict[str, Any]:
    found = {key: stream.value() for key in stream.members()}
    stream.end()
    return found


@given(content=OBJECTS, chunk=st.integers(1, 40), indent=st.none() | st.integers(0, 2))
def test_it_reads_what_the_json_module_reads(content: Any, chunk: int, indent: int | None) -> None:
    text = json.dumps(content, indent=indent)

    assert whole(JsonStream(io.StringIO(text), chunk=chunk)) == json.loads(text)


@example(content={"": 0.5}, chunk=7, wanted=0)
@given(content=OBJECTS, chunk=st.integers(1, 40), wanted=st.integers(0, 5))
def test_what_nobody_asks_for_is_passed_over(content: Any, chunk: int, wanted: int) -> None:
    stream = JsonStream(io.StringIO(json.dumps(content)), chunk=chunk)
    keys = list(content)[wanted:]

    assert {key: stream.value() for key in stream.members() if key in keys} == {
        key: content[key] for key in keys
    }


@given(content=OBJECTS, data=st.data())
def test_a_part_of_a_file_is_refused_wherever_it_ends(content: Any, data: st.DataObject) -> None:
    text = json.dumps(content)
    part = text[: data.draw(st.integers(0, len(text) - 1))]

    with pytest.raises(BrokenJson, match="character "):
        whole(JsonStream(io.StringIO(part), chunk=7))


@pytest.mark.parametrize(
    "text", ['{"a": 1,}', "{1: 2}", '{"a" 1}', '{"a": 1} x', "[1]", '{"a": 1 "b": 2}', "text"]
)
def test_what_is_no_object_of_json_is_refused(text: str) -> None:
    with pytest.raises(BrokenJson, match="character "):
        whole(JsonStream(io.StringIO(text)))


class Endless(io.StringIO):
    """`{"products": {"0": "xx...", ...}}`, made while it is read."""

    def __init__(self, members: int) -> None:
        super().__init__()
        self.left = members

    def read(self, size: int | None = -1) -> str:
        if self.left < 0:
            return ""
        self.left -= 1
        return f'"{self.left}": "{"x" * 1_000}", ' if self.left >= 0 else '"last": 0}}'


def test_a_chunk_and_a_value_are_in_memory_however_long_the_file_is() -> None:
    source = Endless(5_000)
    source.read = _after('{"products": {', source.read)  # type: ignore[method-assign]
    stream = JsonStream(source)
    tracemalloc.start()
    number = sum(1 for key in stream.members() for _ in stream.members())
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert number == 5_001
    assert most < 100_000


def _after(head: str, read: Any) -> Any:
    heads = [head]
    return lambda size: heads.pop() if heads else read(size)
