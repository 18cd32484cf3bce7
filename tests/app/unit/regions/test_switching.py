"""Epochs: how one begins, who may begin it, and what the others may do then."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from pipeline.errors import Fenced, SwitchRefused, UnknownFormat
from pipeline.generations import Generations
from pipeline.regions.epoch import Epoch, epoch_key, item_of
from pipeline.regions.epochs import Epochs, Note
from pipeline.regions.fence import Fence, active_here
from pipeline.terms import Term
from tests.app.support.in_memory import LaggingReads
from tests.app.support.regions.copied_tables import Tables

WEST, CENTRAL = "eu-west-1", "eu-central-1"
NOTE = Note(by="ann", why="west is flooded")
NOON = 1_800_000_000.0
"""2027-01-15T08:00:00Z"""


@pytest.fixture
def tables(aws: None) -> Tables:
    return Tables.made((WEST, CENTRAL))


def epochs(tables: Tables, name: str, client: Any = None) -> Epochs:
    region = tables.regions[name]
    return Epochs(client or region, region.table, name, WEST, clock=lambda: NOON)


def others(tables: Tables, name: str) -> dict[str, Epochs]:
    other = tables.other(name).name
    return {other: epochs(tables, other, tables.asked(other))}


def fence(tables: Tables, name: str) -> Fence:
    return Fence(epochs(tables, name), others(tables, name))


def test_before_anybody_switches_the_primary_is_active_and_nobody_else(tables: Tables) -> None:
    west, central = fence(tables, WEST), fence(tables, CENTRAL)

    assert (west.acting().term, west.publishing("20270101T000000000")) == (Term(0, WEST), Term(0, WEST))
    assert west.alone() == west.beginning()
    assert west.alone() == Epoch(number=0, region=WEST, state="active", lost=(), unheard=0)
    assert "unheard" not in item_of(west.alone())
    with pytest.raises(Fenced, match="eu-central-1 does nothing: eu-west-1 is the active region, in epoch 0"):
        central.acting()


def test_a_planned_switch_drains_then_takes_over_and_fences_who_was_active(tables: Tables) -> None:
    central = epochs(tables, CENTRAL)
    with pytest.raises(SwitchRefused, match="eu-west-1 is the active region, in epoch 0: drain it first"):
        central.take_over(NOTE, others=others(tables, CENTRAL))

    epochs(tables, WEST).drain(NOTE)
    with pytest.raises(Fenced, match="eu-west-1 begins nothing any more: it is draining"):
        fence(tables, WEST).beginning()
    assert fence(tables, WEST).publishing("20270101T000000000") == Term(0, WEST)
    taken = central.take_over(NOTE, others=others(tables, CENTRAL))

    assert (taken.number, taken.since, taken.lost) == (1, "2027-01-15T08:00:00Z", ())
    assert fence(tables, CENTRAL).alone() == taken
    assert fence(tables, WEST).acting().number == 0, "nothing has been copied yet"
    tables.deliver(CENTRAL, lambda _: 0)
    with pytest.raises(Fenced, match=r"eu-central-1 is the active region since 2027-01-15.*in epoch 1"):
        fence(tables, WEST).acting()


def test_the_epoch_that_began_just_now_is_known_at_once(tables: Tables) -> None:
    west = epochs(tables, WEST, LaggingReads(tables.regions[WEST]))
    west.drain(NOTE)
    taken = west.take_over(NOTE, others=others(tables, WEST))

    assert west.current() == taken
    assert [epoch.number for epoch in west.history()] == [0, 1]


def test_who_drained_and_stays_after_all_takes_over_itself(tables: Tables) -> None:
    west = epochs(tables, WEST)
    west.drain(NOTE)

    assert west.take_over(NOTE, others=others(tables, WEST)).number == 1
    assert fence(tables, WEST).alone().term == Term(1, WEST)
    assert [(epoch.number, epoch.state) for epoch in west.history()] == [(0, "draining"), (1, "active")]


def test_a_switch_says_everything_that_speaks_against_it_and_changes_nothing(tables: Tables) -> None:
    tables.connected = False
    west = epochs(tables, WEST)

    with pytest.raises(SwitchRefused) as refused:
        west.take_over(Note(by="", why=""), others=others(tables, WEST), lost=["mars-1"])

    reasons = str(refused.value).splitlines()
    assert [reason.split(":")[0] for reason in reasons] == [
        "mars-1 is no other region of the stage",
        "eu-central-1 does not answer, and may have been switched to",
        "eu-west-1 is the active region already",
        "by must be said",
        "why must be said",
    ]
    assert west.history() == []


def test_only_the_active_region_is_drained(tables: Tables) -> None:
    with pytest.raises(SwitchRefused, match="and not eu-central-1"):
        epochs(tables, CENTRAL).drain(NOTE)


def test_after_a_loss_the_new_region_acts_alone_and_the_lost_one_only_once_it_has_asked(
    tables: Tables,
) -> None:
    tables.connected = False
    taken = epochs(tables, CENTRAL).take_over(NOTE, others=others(tables, CENTRAL), lost=[WEST])
    assert taken.lost == (WEST,)

    assert fence(tables, CENTRAL).alone() == taken
    assert fence(tables, WEST).beginning().number == 0, "it has not heard of it"
    with pytest.raises(Fenced, match=r"eu-central-1 does not answer .EndpointConnectionError.*switched to"):
        fence(tables, WEST).alone()
    tables.connected = True
    with pytest.raises(Fenced, match="eu-central-1 is the active region"):
        fence(tables, WEST).alone()


def test_a_lost_region_that_answers_is_heard_all_the_same(tables: Tables) -> None:
    tables.connected = False
    first = epochs(tables, CENTRAL).take_over(NOTE, others=others(tables, CENTRAL), lost=[WEST])
    second = epochs(tables, WEST).take_over(NOTE, others=others(tables, WEST), lost=[CENTRAL], known=1)
    tables.connected = True

    assert (first.number, second.number) == (1, 2)
    with pytest.raises(Fenced, match="eu-west-1 is the active region"):
        fence(tables, CENTRAL).alone()


def apart(tables: Tables) -> None:
    """Each is made the active region, by somebody who does not reach the other one."""
    tables.connected = False
    for name in (WEST, CENTRAL):
        lost = [tables.other(name).name]
        if name == WEST:
            epochs(tables, WEST).drain(NOTE)
        epochs(tables, name).take_over(NOTE, others=others(tables, name), lost=lost)


def test_two_who_begin_one_epoch_agree_as_soon_as_they_hear_of_each_other(tables: Tables) -> None:
    apart(tables)
    tables.connected = True
    for name in (WEST, CENTRAL):
        tables.deliver(name, lambda _: 0)

    assert epochs(tables, WEST).current() == epochs(tables, CENTRAL).current()
    assert fence(tables, WEST).acting().region == WEST, "the later name, by the alphabet"
    with pytest.raises(Fenced, match="eu-central-1 does nothing: eu-west-1 is the active region"):
        fence(tables, CENTRAL).acting()


def test_of_two_that_were_active_at_once_none_tells_people_until_both_are_asked(tables: Tables) -> None:
    apart(tables)
    assert fence(tables, WEST).alone(), "neither can know of the other"
    tables.connected = True
    with pytest.raises(Fenced, match="eu-central-1 does nothing"):
        fence(tables, CENTRAL).alone()
    with pytest.raises(Fenced, match="were each made the active region without the other"):
        fence(tables, WEST).alone()
    for name in (WEST, CENTRAL):
        tables.deliver(name, lambda _: 0)
    with pytest.raises(Fenced, match="switch to eu-west-1 once more, planned"):
        fence(tables, WEST).alone()

    epochs(tables, WEST).drain(NOTE)
    epochs(tables, WEST).take_over(NOTE, others=others(tables, WEST))
    assert fence(tables, WEST).alone().term == Term(2, WEST)


def test_who_takes_over_from_a_region_that_took_over_unheard_tells_nobody_without_it(tables: Tables) -> None:
    tables.connected = False
    epochs(tables, CENTRAL).take_over(NOTE, others=others(tables, CENTRAL), lost=[WEST])
    taken = epochs(tables, WEST).take_over(NOTE, others=others(tables, WEST), lost=[CENTRAL], known=1)

    assert (taken.number, taken.unheard) == (2, 1) and epochs(tables, WEST).current() == taken
    assert fence(tables, WEST).publishing("20270115T080000001") == Term(2, WEST)
    with pytest.raises(Fenced, match="eu-central-1 does not answer"):
        fence(tables, WEST).alone()


def test_what_began_in_an_earlier_epoch_neither_publishes_nor_goes_on_telling(tables: Tables) -> None:
    west = epochs(tables, WEST)
    west.drain(NOTE)
    west.take_over(NOTE, others=others(tables, WEST))

    with pytest.raises(Fenced, match="the run 20270115T075959999 began before epoch 1 did"):
        fence(tables, WEST).publishing("20270115T075959999")
    assert fence(tables, WEST).publishing("20270115T080000001") == Term(1, WEST)
    with pytest.raises(Fenced, match="what began in epoch 0 does not go on in epoch 1"):
        fence(tables, WEST).alone(number=0)


def test_a_repeated_write_whose_answer_was_lost_is_a_success(tables: Tables) -> None:
    region = tables.regions[CENTRAL]

    class Repeating:
        def __getattr__(self, name: str) -> Any:
            return getattr(region, name)

        def put_item(self, **arguments: Any) -> Any:
            region.put_item(**arguments)
            return region.put_item(**arguments)

    central = epochs(tables, CENTRAL, Repeating())

    assert central.take_over(NOTE, others=others(tables, CENTRAL), lost=[WEST]) == central.current()


def test_two_operators_at_once_do_not_overwrite_each_other(tables: Tables) -> None:
    other = epochs(tables, CENTRAL)

    class Meanwhile(Epochs):
        def highest(self, *arguments: Any) -> Any:
            found = super().highest(*arguments)
            other.take_over(Note(by="bob", why="me too"), others={}, lost=())
            return found

    west = epochs(tables, WEST)
    west.drain(NOTE)
    tables.deliver(WEST, lambda _: 0)
    epochs(tables, CENTRAL).take_over(NOTE, others={}, lost=())
    other.drain(NOTE)
    region = tables.regions[CENTRAL]

    with pytest.raises(SwitchRefused, match="somebody else"):
        Meanwhile(region, region.table, CENTRAL, WEST, clock=lambda: NOON).take_over(NOTE, others={})

    assert other.current().by == "bob"


def test_an_epoch_of_a_newer_format_stops_everything(tables: Tables) -> None:
    taken = epochs(tables, CENTRAL).take_over(NOTE, others=others(tables, CENTRAL), lost=[WEST])
    region = tables.regions[CENTRAL]
    item = region.get_item(TableName=region.table, Key=epoch_key(taken))["Item"]
    region.put_item(TableName=region.table, Item=item | {"format": {"N": "2"}})

    with pytest.raises(UnknownFormat, match="the item of the active region is of format 2"):
        fence(tables, CENTRAL).acting()


def test_a_table_that_fails_is_not_taken_for_one_that_says_nothing(tables: Tables) -> None:
    class Denied:
        def query(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Query")

    with pytest.raises(ClientError):
        Fence(epochs(tables, WEST, Denied())).acting()


def test_an_operator_is_told_where_to_go(tables: Tables) -> None:
    west, central = (tables.regions[name] for name in (WEST, CENTRAL))
    assert active_here(west.client, west.table).term == Term(0, WEST)
    epochs(tables, CENTRAL).take_over(NOTE, others=others(tables, CENTRAL), lost=[WEST])
    tables.deliver(CENTRAL, lambda _: 0)

    assert active_here(central.client, central.table).number == 1
    with pytest.raises(Fenced, match="eu-central-1 is the active region"):
        active_here(west.client, west.table)


ONE, TWO = "20270101T000000000", "20270102T000000000"


def test_the_pointer_of_the_higher_epoch_counts_and_nobody_publishes_below_it(tables: Tables) -> None:
    region = tables.regions[WEST]
    of = [
        Generations(region, region.table, "posts", "own", lambda: NOON, term)
        for term in (Term(0, WEST), Term(1, CENTRAL), Term(2, WEST))
    ]
    for generations, name in ((of[0], TWO), (of[1], ONE)):
        generations.store(name, ["a"], users=1, expires=int(NOON) + 100)
        generations.publish(name, users=1)

    pointer = of[2].pointer()
    assert pointer and (pointer.generation, pointer.epoch, pointer.region) == (ONE, 1, CENTRAL)
    assert pointer.previous is None, "of this epoch"
    words = "readers see lists of epoch 1, which eu-central-1 has published"
    with pytest.raises(Fenced, match=words):
        of[0].publish("20270103T000000000", users=1)
    with pytest.raises(Fenced, match=words):
        of[0].roll_back()
    assert of[2].roll_back(TWO).epoch == 2
    assert {pointer.generation for one in of if (pointer := one.pointer())} == {TWO}
