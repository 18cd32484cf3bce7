"""Experiments in the table: kept version by version, changed by one at a time, and refused when broken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ExperimentBroken, ExperimentChanged, UnknownFormat
from pipeline.experiments.changes import stepped, stopped
from pipeline.experiments.experiment import STATES, Experiment
from pipeline.experiments.items import current_key, experiment_of, item_of, version_key
from pipeline.experiments.store import ExperimentStore
from tests.app.support.experiments.experimenting import NOTE, experiment
from tests.app.support.in_memory import TABLE, LaggingReads

TEXTS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
EXPERIMENTS = st.builds(
    experiment,
    version=st.integers(1, 10**6),
    state=st.sampled_from(STATES),
    salt=TEXTS,
    exposure=st.integers(0, 10_000),
    held_back=st.integers(0, 500),
    hypothesis=TEXTS,
    metric=TEXTS,
    why=TEXTS,
    changed_by=TEXTS,
    overrides=st.dictionaries(TEXTS, st.sampled_from(["control", "treatment"]), max_size=3),
    region=st.none() | TEXTS,
    epoch=st.none() | st.integers(0, 99),
)


@given(written=EXPERIMENTS, added=st.dictionaries(TEXTS.map("new_{}".format), TEXTS, max_size=2))
def test_an_experiment_is_read_as_it_was_written_with_what_a_newer_version_added(
    written: Experiment, added: dict[str, str]
) -> None:
    more = {name: {"S": value} for name, value in added.items()}
    item = {**item_of(written, current_key("posts")), **more}

    read = experiment_of(item, "posts")

    assert read == replace(written, more=more)
    assert item_of(read, current_key("posts")) == item


@pytest.mark.parametrize(
    ("member", "value", "told"),
    [
        ("state", {"S": "sleeping"}, "state must be one of"),
        ("state", None, "state is missing"),
        ("salt", {"N": "5"}, "salt cannot be read"),
        ("exposure", {"N": "10001"}, "exposure must be 0 to 10,000"),
        ("exposure", {"S": "all"}, "exposure cannot be read"),
        ("arms", {"L": []}, "arms must be two or more"),
        ("arms", {"L": [{"S": "control"}]}, "arms cannot be read"),
        ("overrides", {"M": {"u": {"S": "third"}}}, "one of the arms"),
        ("version", {"N": "0"}, "version must be at least 1"),
        ("format", {"S": "new"}, "format cannot be read"),
    ],
)
def test_a_broken_item_is_refused_by_name(member: str, value: Any, told: str) -> None:
    item = item_of(experiment(), current_key("posts"))
    item = {**item, member: value} if value else {k: v for k, v in item.items() if k != member}

    with pytest.raises(ExperimentBroken, match="the experiment of posts is broken: ") as refused:
        experiment_of(item, "posts")

    assert told in str(refused.value)


def test_experiments_can_be_told_apart_by_a_memory_whatever_they_hold() -> None:
    given = experiment(overrides={"u": "control"}, more={"new": {"S": "x"}})

    assert len({given, replace(given), replace(given, version=2)}) == 2


def test_a_version_that_was_written_just_now_is_read_at_once(dynamodb: Any) -> None:
    store = ExperimentStore(LaggingReads(dynamodb), TABLE, "posts")
    for number in (1, 2):
        store.change(store.current(), experiment(version=number))

    assert store.current() == store.version(2) == experiment(version=2)
    assert store.newest_version() == 2
    assert [past.number for past in store.history()] == [1, 2]


def test_everything_that_is_broken_is_told_at_once() -> None:
    item = item_of(experiment(), current_key("posts")) | {"salt": {"N": "1"}, "epoch": {"S": "x"}}
    del item["why"]

    with pytest.raises(ExperimentBroken, match=r"salt cannot.*why is missing; epoch cannot"):
        experiment_of(item, "posts")


def test_an_item_of_a_newer_format_is_left_to_newer_code() -> None:
    item = item_of(experiment(), current_key("posts")) | {"format": {"N": "2"}}

    with pytest.raises(UnknownFormat, match="the experiment of posts is of format 2"):
        experiment_of(item, "posts")


def test_every_version_is_kept_with_who_when_and_why(dynamodb: Any) -> None:
    store = ExperimentStore(dynamodb, TABLE, "posts")
    first = experiment(exposure=100)
    second = stepped(first, NOTE, exposure=200)

    assert (store.current(), store.newest_version(), list(store.history())) == (None, 0, [])
    store.change(None, first)
    store.change(first, second)

    assert (store.current(), store.newest_version()) == (second, 2)
    assert [past.experiment for past in store.history()] == [first, second]
    assert (store.version(1), store.version(3)) == (first, None)
    assert list(ExperimentStore(dynamodb, TABLE, "people").history()) == []


def test_of_two_who_change_it_at_the_same_time_one_is_told(dynamodb: Any) -> None:
    store = ExperimentStore(dynamodb, TABLE, "posts")
    first = experiment(exposure=100)
    store.change(None, first)
    store.change(first, stopped(first, NOTE))

    for before in (first, None):
        with pytest.raises(ExperimentChanged, match="somebody else changed the experiment"):
            store.change(before, stepped(first, NOTE, exposure=200))

    current = store.current()
    assert current and current.state == "stopped"
    assert [past.number for past in store.history()] == [1, 2]


def test_a_change_whose_answer_was_lost_has_happened_once(dynamodb: Any) -> None:
    class Deaf:
        def __getattr__(self, name: str) -> Any:
            return getattr(dynamodb, name)

        def transact_write_items(self, **request: Any) -> Any:
            dynamodb.transact_write_items(**request)
            return dynamodb.transact_write_items(**request)

    store = ExperimentStore(Deaf(), TABLE, "posts")

    store.change(None, experiment())

    assert store.current() == experiment()


def test_other_errors_of_the_table_are_not_taken_for_somebody_else(dynamodb: Any) -> None:
    with pytest.raises(ClientError, match="ResourceNotFound"):
        ExperimentStore(dynamodb, "elsewhere", "posts").change(None, experiment())


def test_a_version_that_cannot_be_read_is_listed_with_the_reason(dynamodb: Any) -> None:
    item = item_of(experiment(), version_key("posts", 1))
    dynamodb.put_item(TableName=TABLE, Item={**item, "state": {"S": "asleep"}})

    [past] = ExperimentStore(dynamodb, TABLE, "posts").history()

    assert (past.number, past.experiment) == (1, None)
    assert past.unreadable and "state must be one of" in past.unreadable
