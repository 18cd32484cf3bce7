"""Counters that were lost with what says whom they counted: whatever arrives again meanwhile counts once."""

import random
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from operations.restoring.kinds import KINDS
from operations.restoring.restoring import Restoring, Task
from pipeline.tracking.counters import read_day
from pipeline.tracking.event import Event
from pipeline.tracking.ledger import Ledger
from pipeline.tracking.use_cases import TrackedUseCase
from tests.app.support.in_memory import client

THEN, NOW = 1_795_946_400, 1_795_953_600
"""2026-11-29, 10 and 12 o'clock."""
USE_CASE = TrackedUseCase(name="posts", event_types=("view",), actions=("view",))


VIEWS = "actions|own|model"


class Always(random.Random):
    """Chooses this one of an hour's counters."""

    def __init__(self, shard: int) -> None:
        super().__init__(0)
        self.shard = shard

    def randrange(self, *_given: Any) -> int:
        return self.shard


def event(number: int) -> Event:
    return Event(
        event_id=str(number),
        use_case="posts",
        user_id="ann",
        type="view",
        item_id="i",
        timestamp=THEN + 3_600 * (number % 2),
        received_at=THEN,
        source="model",
        variant="own",
    )


class Counting:
    """The table, and the one that is beside it once `moment` has been."""

    def __init__(self) -> None:
        self.db = client("dynamodb")
        self.table, self.beside = (self._made(f"recs-{uuid4().hex}-tracking") for _ in range(2))

    def _made(self, name: str) -> str:
        keys = {"pk": "HASH", "sk": "RANGE"}
        self.db.create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": each, "KeyType": kind} for each, kind in keys.items()],
            AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in keys],
        )
        return name

    def _items(self) -> list[Any]:
        return list(self.db.scan(TableName=self.table)["Items"])

    def arrive(self, numbers: Iterable[int], shard: int, at: float) -> None:
        if events := [event(number) for number in numbers]:
            Ledger(self.db, self.table, Always(shard), clock=lambda: at).claim(USE_CASE, events)

    def moment(self) -> None:
        for item in self._items():
            self.db.put_item(TableName=self.beside, Item=item)

    def lose(self, *beginnings: str) -> None:
        for item in self._items():
            if f"{item['pk']['S']} {item['sk']['S']}".startswith(beginnings):
                self.db.delete_item(TableName=self.table, Key={name: item[name] for name in ("pk", "sk")})

    def restore(self, *, mends: bool = False) -> int:
        """How many views are counted then."""
        kinds = KINDS["tracking"]
        task = Task(table=self.table, beside=self.beside, kinds=kinds, writes=True, mends=mends, now=NOW)
        Restoring(self.db, task, lambda _line: None).run()
        return self.counted()

    def by_hour(self) -> list[int]:
        """Of 10 and 11 o'clock."""
        counters = [item for item in self._items() if item["pk"]["S"].startswith("count#")]
        return [
            sum(int(item[VIEWS]["N"]) for item in counters if item["sk"]["S"].startswith(f"{hour}#"))
            for hour in (10, 11)
        ]

    def counted(self) -> int:
        return sum(count.number for count in read_day(self.db, self.table, "posts", "2026-11-29"))


@pytest.mark.parametrize("shard", [0, 5])
def test_an_event_that_arrived_again_before_the_restore_counts_once(aws: None, shard: int) -> None:
    counting = Counting()
    counting.arrive([2], 0, THEN)
    counting.moment()
    counting.lose("")
    for number in (2, 4):
        counting.arrive([number], shard, NOW)

    assert [counting.restore(mends=mends) for mends in (False, True)] == [2, 2]
    counting.arrive([2], 7, NOW)
    assert counting.counted() == 2


def test_what_other_counters_of_the_hour_have_counted_since_takes_nothing_from_a_lost_one(
    aws: None,
) -> None:
    counting = Counting()
    counting.arrive([0, 2, 4], 0, THEN)
    counting.moment()
    counting.lose("count#posts#2026-11-29 10#0")
    counting.arrive([6, 8], 1, NOW)

    assert counting.restore() == 5


NUMBERS = st.sets(st.integers(0, 5))
ARRIVALS = st.tuples(NUMBERS, NUMBERS)
"""In either of two of an hour's counters, one after the other."""
LOST = st.sampled_from([("",), ("count#",), ("event#",), ("count#posts#2026-11-29 10#0", "event#"), ()])


@example(({0, 1}, set()), (set(), {1}), ("count#posts#2026-11-29 10#0", "event#"), False)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ARRIVALS, ARRIVALS, LOST, st.booleans())
def test_no_event_is_ever_counted_twice_by_a_restore_and_what_was_counted_is_not_less(
    aws: None,
    then: tuple[set[int], set[int]],
    since: tuple[set[int], set[int]],
    lost: tuple[str, ...],
    mends: bool,
) -> None:
    counting = Counting()
    for shard, numbers in enumerate(then):
        counting.arrive(numbers, shard, THEN)
    before = counting.counted()
    counting.moment()
    counting.lose(*lost)
    for shard, numbers in enumerate(since):
        counting.arrive(numbers, shard, NOW)
    now, hours = counting.counted(), counting.by_hour()

    restored = counting.restore(mends=mends)

    distinct = set().union(*then, *since)
    assert now <= restored
    for remainder, (counted, before_that) in enumerate(zip(counting.by_hour(), hours, strict=True)):
        of_the_hour = {number for number in distinct if number % 2 == remainder}
        assert counted <= max(len(of_the_hour), before_that)
    if mends:
        assert restored >= before
    assert counting.restore(mends=mends) == restored
