"""How many items fit into the one write unit that a stored list takes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.serving_items import fitting, item_size, list_item


@given(
    user=st.text(alphabet="aü日", max_size=250),
    items=st.lists(st.text(alphabet="xé1", min_size=1, max_size=60), max_size=60),
)
def test_what_fits_is_as_long_as_a_write_unit_allows(user: str, items: list[str]) -> None:
    pk, sk, expires = f"user#posts#{user}", "personalize#20270101T000000000", 1_800_000_000

    count = fitting(pk, sk, items, expires)

    if count is None:
        assert item_size(list_item(pk, sk, [], expires)) > 1024
        return
    assert item_size(list_item(pk, sk, items[:count], expires)) <= 1024
    if count < len(items):
        assert item_size(list_item(pk, sk, items[: count + 1], expires)) > 1024


def test_the_size_of_an_item_follows_the_documented_rules() -> None:
    item = list_item("pk", "sk", ["abc", "ü"], 1_800_000_000)

    names, keys, number, elements = len("pkskitemsexpires"), 4, 5 + 1, 3 + (1 + 3) + (1 + 2)
    assert item_size(item) == names + keys + number + elements


def test_a_list_may_fill_its_write_unit_to_the_last_byte() -> None:
    empty = item_size(list_item("user#posts#7", "personalize", (), 1_800_000_000))
    room = 1024 - empty - 1  # an element of a list takes a byte besides its text

    assert fitting("user#posts#7", "personalize", ["x" * room], 1_800_000_000) == 1
    assert item_size(list_item("user#posts#7", "personalize", ["x" * room], 1_800_000_000)) == 1024
    assert fitting("user#posts#7", "personalize", ["x" * (room + 1)], 1_800_000_000) == 0
