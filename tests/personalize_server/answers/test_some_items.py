"""A filter says the same of the items of a list as of all items, whatever rules it has."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from personalize_server.data.attribute_columns import Attributes, Numbers, Patched, Words
from personalize_server.data.window import Window
from personalize_server.filters.applying import FilterData
from personalize_server.filters.parser import parse_filter

_ITEMS, _USERS = 12, 3
_GENRES = Words(np.arange(_ITEMS, dtype=np.int32) % 4 - 1, ("Comedy", "Horror", "Comedy|Drama"))
_PRICES = Patched(Numbers(np.arange(10.0)), Numbers(np.array([90.0, 1.0])), {3: 0, 11: 1}, 10)
_RULES = (
    'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("buy")',
    'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("*")',
    "EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ($TYPES)",
    'INCLUDE ItemID WHERE Interactions.EVENT_TYPE NOT IN ("view")',
    "EXCLUDE ItemID WHERE Items.PRICE > 5",
    'INCLUDE ItemID WHERE Items.GENRE IN ("Comedy") AND Items.PRICE < 80',
    "INCLUDE ItemID WHERE Items.GENRE IN ($GENRES)",
    "EXCLUDE ItemID WHERE Items.GENRE = CurrentUser.TASTE",
    'EXCLUDE ItemID WHERE Items.GENRE IN ("Horror") IF CurrentUser.AGE > 20',
    "INCLUDE ItemID WHERE Items.GENRE IN CurrentItem.GENRE",
)


def _data() -> FilterData:
    rng = np.random.default_rng(0)
    offsets, items = np.array([0, 4, 9, 9], np.int64), rng.integers(0, _ITEMS, 9).astype(np.int32)
    window = Window(offsets, items, rng.integers(-1, 2, 9).astype(np.int32), ("buy", "view"))
    users = {"TASTE": Words(np.array([0, -1, 1], np.int32), ("Comedy", "Horror"))}
    ages = {"AGE": Numbers(np.array([10.0, 30.0, np.nan]))}
    before = FilterData(
        10, Attributes({"GENRE": _GENRES, "PRICE": Numbers(np.arange(10.0))}), Attributes({}), window
    )
    columns = Attributes({"GENRE": _GENRES, "PRICE": _PRICES})
    return FilterData(_ITEMS, columns, Attributes({**users, **ages}), window, before)


_DATA = _data()


@given(
    rules=st.lists(st.sampled_from(_RULES), min_size=1, max_size=4),
    items=st.lists(st.integers(0, _ITEMS - 1), max_size=_ITEMS),
    user=st.integers(-1, _USERS - 1),
    item=st.integers(-1, _ITEMS - 1),
    newer=st.lists(st.tuples(st.integers(0, _ITEMS - 1), st.sampled_from(["buy", "view", ""])), max_size=3),
    types=st.sampled_from(['"buy"', '"view","buy"', None]),
)
def test_a_filter_says_the_same_of_some_items_as_of_all(
    rules: list[str],
    items: list[int],
    user: int,
    item: int,
    newer: list[tuple[int, str]],
    types: str | None,
) -> None:
    filter_ = parse_filter(" | ".join(rules))
    given_types = (("TYPES", types),) if types else ()
    parameters = (("GENRES", '"Horror"'), *given_types)
    scores = np.zeros((1, _ITEMS), np.float32)
    _DATA.apply(scores, filter_, parameters, np.array([user], np.int32), newer, item)
    wanted = np.array(items, np.int32)
    for _ in range(2):  # what is remembered of the first time says the same
        kept = _DATA.kept(wanted, filter_, parameters, user, newer, item)
        assert kept.tolist() == (scores[0, wanted] == 0).tolist()
