"""Messages and stored events of a newer version: what it has added is kept, what it has changed is left."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from pipeline.notifications.recipients import Recipient
from pipeline.tracking import messages
from pipeline.tracking.attributes import Attributes
from pipeline.tracking.batch import packed, unpacked
from pipeline.tracking.consumer import Message
from pipeline.tracking.event import Event
from tests.app.support.tracking_world import World, event

NAMES = st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: f"new_{text}")
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=10) | st.lists(st.integers())
ASSIGNED = {"arm": "own", "experiment": 3, "region": "eu-central-1", "epoch": 2}


def newer(message: str, **members: object) -> str:
    return json.dumps({**json.loads(message), **members})


@given(added=st.dictionaries(NAMES, VALUES, max_size=4))
def test_what_a_newer_version_adds_to_an_event_is_passed_on_as_it_is(added: dict[str, object]) -> None:
    read = messages.read(newer(messages.written(event(1)), **added))

    assert isinstance(read, Event)
    [stored] = unpacked(packed([read]))
    assert stored.as_json() == {**event(1).as_json(), **added} and stored.claim == event(1).claim
    assert messages.read(messages.written(stored)) == read


def test_an_event_says_who_was_assigned_to_what_and_where_it_was_accepted() -> None:
    read = messages.read(newer(messages.written(event(1)), **ASSIGNED))

    assert read == event(1, arm="own", experiment=3, region="eu-central-1", epoch=2)


def test_an_event_with_new_members_is_counted_and_stored_whole(world: World) -> None:
    body = newer(messages.written(event(1)), shade="green")

    outcome = world.consumer().consume([Message("m", body)])

    assert not outcome.failed and outcome.new == 1
    [stored] = world.stored()
    assert stored.more == {"shade": "green"}


def test_messages_of_a_newer_format_stay_for_the_newer_version_and_count_nothing(world: World) -> None:
    body = newer(messages.written(event(1)), format=2)

    outcome = world.consumer().consume([Message("m", body), Message("n", messages.written(event(2)))])

    assert list(outcome.failed) == ["m"] and "of format 2, and this version knows 1" in outcome.failed["m"]
    assert outcome.new == 1


def test_attributes_and_recipients_with_new_members_are_read() -> None:
    posted = Attributes(use_case="posts", dataset="users", id="u", at=1, values={"age": 3})
    row = ("u", "a@example.com", "de", "yes", "yes", "yes", "no", "no", "a|b")
    recipient = Recipient.of_row(row, frozenset())

    assert messages.read(newer(messages.written(posted), shade="green")) == posted
    assert Recipient.of_line({**recipient.as_line(), "shade": "green"}) == recipient
