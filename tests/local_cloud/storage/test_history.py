"""What is kept of a table's past."""

from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from local_cloud.storage.history import History, copied

WRITES = st.lists(st.tuples(st.sampled_from("abcd"), st.booleans(), st.integers(0, 2)), max_size=40)


def told(history: History, moment: float) -> list[Any]:
    return sorted(copied(version)["value"] for version in history.at(moment))


@given(WRITES, st.integers(0, 3), st.one_of(st.none(), st.integers(0, 400)), st.integers(0, 30))
def test_a_table_is_at_every_moment_what_was_written_until_then(
    writes: list[tuple[str, bool, int]], there: int, most_bytes: int | None, forgotten: int
) -> None:
    """Each write: a key, whether it deletes, and how much later it is than the one before."""
    numbers = count()
    table = {key: {"value": next(numbers)} for key in "abcd"[:there]}
    limit = {} if most_bytes is None else {"most_bytes": most_bytes}
    history = History(0, list(table.items()), **limit)
    moment, was = 0, {0: sorted(item["value"] for item in table.values())}
    for key, deletes, later in writes:
        moment += later
        if deletes:
            table.pop(key, None)
        else:
            table[key] = {"value": next(numbers)}
        history.add(moment, key, table.get(key))
        was[moment] = sorted(item["value"] for item in table.values())
    history.forget_before(forgotten)
    for at in range(moment + 3):
        if at >= history.earliest:
            assert told(history, at) == was[max(known for known in was if known <= at)]
    assert history.earliest >= forgotten
    if most_bytes is None:
        assert history.earliest == forgotten


def test_what_is_forgotten_for_want_of_room_is_the_oldest() -> None:
    history = History(0, [], most_bytes=1_000)
    for moment in range(1, 101):
        history.add(moment, "a", {"value": moment})

    assert 50 < history.earliest < 100
    assert told(history, 100) == [100]
    assert told(history, history.earliest) == [history.earliest]
