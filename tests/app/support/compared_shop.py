"""A shop with two variants whose lists differ in known ways."""

import random
from collections import Counter
from datetime import UTC, datetime

from tests.app.support.compared import LIMIT

PEOPLE = [f"u{number}" for number in range(60)]
COLD, EMPTY, SHORT, LEAKED, FAILED = PEOPLE[:6], PEOPLE[6:9], PEOPLE[9:15], PEOPLE[15:24], PEOPLE[24]
ITEMS = [f"i{number}" for number in range(80)]
NEVER = ["cold0", "cold1"]
DAY = datetime(2026, 11, 26, tzinfo=UTC).timestamp()
HOUR, BEFORE = 3600, 20 * 86_400
Lists = dict[str, list[str]]


class Shop:
    """What people have, and what both variants recommend; `b` knows what people do on the next day."""

    def __init__(self) -> None:
        rng = random.Random(11)
        self.interactions = [
            (person, item, int(DAY - BEFORE) + number)
            for number, person in enumerate(PEOPLE)
            if person not in COLD
            for item in rng.sample(ITEMS, 1 + number % 8)
        ]
        self.own = {person: [i for who, i, _ in self.interactions if who == person] for person in PEOPLE}
        self.liked = {
            person: rng.sample([item for item in ITEMS if item not in self.own[person]], 3)
            for person in PEOPLE
        }
        popular = [item for item, _ in Counter(item for _, item, _ in self.interactions).most_common()]
        self.a = {person: [i for i in popular if i not in self.own[person]][: LIMIT + 5] for person in PEOPLE}
        self.b = {}
        for person in PEOPLE:
            others = [i for i in ITEMS + NEVER if i not in (*self.own[person], *self.liked[person])]
            self.b[person] = [*self.liked[person], *rng.sample(others, LIMIT)]
        for person in EMPTY:
            self.b[person] = []
        for person in SHORT:
            self.b[person] = self.b[person][:7]
        for person in LEAKED:
            self.b[person] = [self.own[person][0], *self.b[person]]

    def seen(self, lists: Lists, person: str, failing: str | None = None) -> list[str]:
        """As they would be stored."""
        if person == failing:
            return []
        return [item for item in lists[person] if item not in self.own[person]][:LIMIT]
