"""A stage in two regions that train, publish, notify, serve, fall out and are switched, with the real code.

Imagined is what is around it: the copying of the table, the clock, the operator, and whose phone it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from pipeline.errors import Fenced, GenerationSuperseded, SwitchRefused
from pipeline.generations import Generations
from pipeline.lists.publish import Loaded, publish_generation
from pipeline.notifications.claims import PUSH
from pipeline.notifications.table import device_sk, key, user_pk
from pipeline.notifications.turns import Turn, begun, goes_on
from pipeline.regions.epochs import Epochs, Note
from pipeline.regions.fence import Fence
from pipeline.serving.asked import Asked
from pipeline.serving.campaigns import Campaigns
from pipeline.serving.found import Found
from pipeline.serving.memory import Memory
from pipeline.serving.settings import Endpoint
from pipeline.serving.sources import Sources
from pipeline.serving.table import Table
from pipeline.serving.waiting import Waiting
from pipeline.serving_items import list_item, user_key
from pipeline.terms import Term
from tests.app.support.notifying import RECIPIENT
from tests.app.support.regions.copied_tables import Tables
from tests.app.support.regions.telling import teller

WEST, CENTRAL = "eu-west-1", "eu-central-1"
USERS = ("u1", "u2", "u3")
ZONE, VARIANT = "Europe/Berlin", "personalize"
POSTS = Endpoint(use_case="posts", path="posts", kind="feed", variant=VARIANT, longest=9)
SECONDS = {"read": 6, "deliver": 60, "heal": 60}
"""That an action takes; others take nine hours, so that weeks go by."""
NOTE = Note(by="operator", why="rehearsal")
MONDAY = datetime(2027, 1, 4, 6, tzinfo=UTC).timestamp()

Action = tuple[str, str, int]
"""What happens, in which region, and a number for whatever it leaves open."""


ACTIONS = (
    *("train", "train", "begin", "load", "publish", "plan", "tell", "tell", "read", "read", "read"),
    *("deliver", "deliver", "down", "up", "cut", "heal", "switch", "switch", "usurp"),
)
HISTORIES = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.sampled_from((WEST, CENTRAL)), st.integers(0, 7)),
    min_size=8,
    max_size=40,
)


class Violation(AssertionError):
    """Somebody saw or was told what nobody may."""


class _Files:
    """Popular lists of runs, and records that nobody reads."""

    name = "files"

    def read_json(self, key: str) -> list[str]:
        return [f"{key}/popular"]

    def write_json(self, key: str, value: Any) -> None:
        pass


@dataclass
class Place:
    """What runs in a region. training: the run under way. turn, left: of the run that notifies, and whom."""

    fence: Fence
    readers: Sources
    training: str | None = None
    turn: Turn | None = None
    left: list[str] = field(default_factory=list)


@dataclass
class World:
    """kind: of the fences. one_pointer: as if readers knew no epochs. active: by the operator's word. tied:
    epochs that both regions have begun. apart: each region was made the active one without the other, and
    they do not reach each other yet.
    """

    kind: type[Fence] = Fence
    one_pointer: bool = False
    now: float = MONDAY
    moments: int = 0
    epoch_of: dict[str, tuple[int, str]] = field(default_factory=dict)
    seen: dict[tuple[str, str], tuple[tuple[int, str], str]] = field(default_factory=dict)
    tied: set[int] = field(default_factory=set)
    apart: bool = False
    told: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.tables = Tables.made((WEST, CENTRAL))
        self.active = self.epochs(WEST).current()
        self.places = {name: Place(self._fence(name), self._readers(name)) for name in (WEST, CENTRAL)}
        for user in USERS:
            self._put(
                WEST,
                {
                    **key(user_pk(user), device_sk("phone")),
                    "endpoint": {"S": f"arn:{user}"},
                    "platform": {"S": "ios"},
                    "registered": {"N": "1"},
                },
            )
        self.train(WEST, 0)
        self.deliver(WEST, 0)

    def epochs(self, name: str, client: Any = None) -> Epochs:
        region = self.tables.regions[name]
        return Epochs(client or region, region.table, name, WEST, clock=lambda: self.now)

    def run(self, actions: Sequence[Action]) -> None:
        """Raises: Violation, also at the end, when everything is there and has been copied."""
        self.act(actions)
        self.settle()

    def act(self, actions: Sequence[Action]) -> None:
        """Raises: Violation."""
        for what, where, number in actions:
            self.now += SECONDS.get(what, 9 * 3600)
            self.apart = self.apart and not self.tables.reaching()
            act: Callable[[str, int], None] = getattr(self, what)
            if self.tables.regions[where].up or what in ("up", "cut", "heal"):
                with suppress(Fenced, GenerationSuperseded, SwitchRefused):
                    act(where, number)

    def settle(self) -> None:
        """Raises: Violation."""
        self.tables.connected = True
        for name in self.places:
            self.tables.regions[name].up = True
        for name in self.places:
            self.deliver(name, 0)
        self.act([("read", name, number) for name in self.places for number in range(2 * len(USERS))])
        if self.seen[WEST, "u1"] != self.seen[CENTRAL, "u1"]:
            raise Violation(f"in the end the regions differ: {self.seen}")

    def begin(self, name: str, _number: int) -> None:
        """Raises: Fenced."""
        self.places[name].fence.beginning()
        self.places[name].training = self._run_name()

    def load(self, name: str, number: int) -> None:
        run = self.places[name].training
        for user in USERS if run else ():
            items = [f"{run}/{user}"]
            self._put(name, list_item(user_key("posts", user), f"{VARIANT}#{run}", items, 4_000_000_000))

    def publish(self, name: str, _number: int) -> None:
        """Raises: Fenced, GenerationSuperseded."""
        place = self.places[name]
        run, place.training = place.training, None
        if run is None:
            return
        term = place.fence.publishing(run)
        region = self.tables.regions[name]
        generations = Generations(
            region, region.table, "posts", VARIANT, lambda: self.now, Term() if self.one_pointer else term
        )
        files: Any = _Files()
        loaded = Loaded(audience=3, loaded=3, errors=0, minimum_share=1)
        self.epoch_of[run] = (term.epoch, str(term.region) if term.epoch in self.tied else "")
        publish_generation(files, generations, run, loaded, popular_key=run, generation_days=99, record={})

    def train(self, name: str, number: int) -> None:
        """Raises: Fenced, GenerationSuperseded."""
        self.begin(name, number)
        self.load(name, number)
        self.publish(name, number)

    def plan(self, name: str, _number: int) -> None:
        """Raises: Fenced."""
        place = self.places[name]
        place.fence.beginning()
        place.turn, place.left = begun(place.fence, self._run_name(), ZONE), list(USERS)

    def tell(self, name: str, number: int) -> None:
        """Some of those who are left. Raises: Fenced, Violation."""
        place = self.places[name]
        if place.turn is None:
            return
        goes_on(place.fence, place.turn.epoch)
        week = place.turn.week
        for user in place.left[: 1 + number % 3]:
            tells = teller(self.tables.regions[name], name, place.turn.week, now=self.now, variant=VARIANT)
            outcomes = tells.tell(replace(RECIPIENT, user=user), (f"{week}-item",))
            place.left.remove(user)
            if outcomes[PUSH].kind == "sent":
                # Nobody can keep both from it as long as neither knows of the other.
                self.told[user, week] = 1 if self.apart else self.told[user, week] + 1
            if self.told[user, week] > 1:
                raise Violation(f"{user} was told twice in {week}, the second time by {name}")

    def read(self, name: str, number: int) -> None:
        """By a function that has just started, or by one that was there all the time. Raises: Violation."""
        user = USERS[number % len(USERS)]
        found = self.found(name, user, afresh=number % 2 == 0)
        for item in found.items:
            if item.id not in (f"{found.generation}/{user}", f"{found.generation}/popular"):
                raise Violation(f"{found.generation} has {item.id} in it")
        if found.generation is None or not found.items:
            return
        now = (self.epoch_of[found.generation], found.generation)
        if now < self.seen.get((name, user), now):
            raise Violation(f"{user} in {name} saw {self.seen[name, user]}, and then {now}")
        self.seen[name, user] = now

    def found(self, name: str, user: str, *, afresh: bool) -> Found:
        readers = self._readers(name) if afresh else self.places[name].readers
        return readers.find(POSTS, Asked(user, user), count=5)

    def deliver(self, name: str, number: int) -> None:
        """Copies reach the other region: all that have not, or some, out of order."""
        self.tables.deliver(name, lambda many: (5 * number) % many, number or None)

    def down(self, name: str, _number: int) -> None:
        self.tables.regions[name].up = False

    def up(self, name: str, _number: int) -> None:
        self.tables.regions[name].up = True

    def cut(self, _name: str, _number: int) -> None:
        self.tables.connected = False

    def heal(self, _name: str, _number: int) -> None:
        self.tables.connected = True

    def usurp(self, name: str, _number: int) -> None:
        """Somebody who reaches this region only says that the other one is lost, and has heard of nothing.

        Raises: SwitchRefused.
        """
        other = self.tables.other(name).name
        if self.tables.reaching() or self.active.region == name or not self.active.lost:
            return
        before = self.epochs(name).current()
        if before.region == name:
            self.epochs(name).drain(NOTE)
        others = {other: self.epochs(other, self.tables.asked(other))}
        begun = self.epochs(name).take_over(NOTE, others=others, lost=[other])
        self.tied |= {begun.number} & {self.active.number}
        self.active = max(self.active, begun, key=lambda epoch: epoch.term.rank)
        self.apart = True

    def switch(self, name: str, number: int) -> None:
        """To this region; once more to the active one, when the lost one answers again.

        A region that took over without the other one asks nobody who does not answer: it is not given up.
        Raises: SwitchRefused.
        """
        other = self.tables.other(name).name
        if self.active.region == name and not self.active.lost:
            return
        others = {other: self.epochs(other, self.tables.asked(other))}
        if self.tables.reaching():
            self.epochs(self.active.region).drain(NOTE)
            self.tables.deliver(other, lambda many: number % many)
            self.tables.deliver(name, lambda many: number % many)
            self.active = self.epochs(name).take_over(NOTE, others=others)
        elif not self.active.lost:
            known = self.active.number
            self.active = self.epochs(name).take_over(NOTE, others=others, lost=[other], known=known)

    def _fence(self, name: str) -> Fence:
        other = self.tables.other(name).name
        return self.kind(self.epochs(name), {other: self.epochs(other, self.tables.asked(other))})

    def _readers(self, name: str) -> Sources:
        region = self.tables.regions[name]
        table = Table(region, region.table, Waiting(), clock=lambda: self.now)
        memory = Memory(table, pointer_seconds=5, clock=lambda: self.now)
        return Sources(table, memory, Campaigns(lambda _: None, Waiting()))

    def _put(self, name: str, item: dict[str, Any]) -> None:
        self.tables.regions[name].put_item(TableName=self.tables.regions[name].table, Item=item)

    def _run_name(self) -> str:
        self.moments += 1
        moment = datetime.fromtimestamp(self.now, UTC)
        return f"{moment:%Y%m%dT%H%M%S}{self.moments:03d}"
