"""What an evaluation was made of: which data, held back how, and when."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from engine.data.interactions import Interactions
from engine.evaluation.protocols import BY_TIME, EXPLAINED, Protocol
from engine.evaluation.splits import Holdout


@dataclass(frozen=True)
class Setting:
    """learned: rows that models learned from; tested: people; held_back: pairs of theirs, all together."""

    data: str
    made: datetime
    protocol: Protocol
    seed: int
    repeats: bool
    people: int
    items: int
    events: int
    first: datetime | None
    last: datetime | None
    learned: int
    tested: int
    held_back: int

    @classmethod
    def of(
        cls,
        data: str,
        events: Interactions,
        holdout: Holdout,
        protocol: Protocol,
        *,
        seed: int,
        made: datetime,
    ) -> "Setting":
        """data: its name; made: with its zone."""
        first, last = (
            (_moment(events.times.min()), _moment(events.times.max())) if len(events) else (None, None)
        )
        return cls(
            data=data,
            made=made,
            protocol=protocol,
            seed=seed,
            repeats=holdout.repeats,
            people=len(np.unique(events.users)),
            items=len(np.unique(events.items)),
            events=len(events),
            first=first,
            last=last,
            learned=len(holdout.train),
            tested=len(holdout.users),
            held_back=len(holdout.relevant.items),
        )

    @property
    def by_chance(self) -> bool:
        """Whether another seed would hold back something else."""
        return self.protocol not in BY_TIME

    def explained(self) -> str:
        """How it was held back and what counts as found, in sentences."""
        counts = (
            "All events count: what is held back may be of an item that the person had before, and so may "
            "what is recommended."
            if self.repeats
            else "An item counts once for a person, as of its newest event; only what is new to the person "
            "is recommended, and counts as found."
        )
        return f"{EXPLAINED[self.protocol]} {counts}"

    def facts(self) -> list[tuple[str, str]]:
        """Names and values for people to read."""
        days = f", {self.first:%Y-%m-%d} to {self.last:%Y-%m-%d}" if self.first and self.last else ""
        drawn = "draws what is held back" if self.by_chance else "time alone decides what is held back"
        who = f"{self.events:,} events of {self.people:,} people with {self.items:,} items"
        rows = "events" if self.repeats else "pairs of a person and an item"
        return [
            ("Made", f"{self.made.astimezone(UTC):%Y-%m-%d %H:%M} UTC"),
            ("Data", f"{self.data}: {who}{days}"),
            ("Protocol", self.protocol),
            ("Learned from", f"{self.learned:,} {rows}"),
            ("Held back", f"{self.held_back:,} items of {self.tested:,} people, who are tested"),
            ("Seed", f"{self.seed}: {drawn}"),
        ]


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
