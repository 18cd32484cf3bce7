"""A purely generated community of any size: same schema, same hidden structure, nothing to download.

Everything is made in blocks of people, each from its own random stream, so memory does not grow with the
events, and the same seed and day give the same bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np

from sample_database import generated_catalogue, generated_contacts, generated_events, generated_people
from sample_database.generated_interests import Shelf, mixtures
from sample_database.generated_people import People, Population
from sample_database.tables import (
    CONTACT_COLUMNS,
    FOLLOW_COLUMNS,
    POST_COLUMNS,
    POST_EVENT_COLUMNS,
    POST_EVENT_KINDS,
    PROFILE_VIEW_COLUMNS,
    PROGRAM_COLUMNS,
    PROGRAM_EVENT_COLUMNS,
    PROGRAM_EVENT_KINDS,
    USER_COLUMNS,
    Community,
    EntityTable,
    Events,
    EventTable,
    Record,
)

BLOCK = 2_048
_BATCH = 50_000
_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How much to generate; the means are per person. until: the day before which a year of it ends, UTC."""

    users: int = 13_000
    programs: int = 150
    posts: int = 2_000
    follows: float = 15.0
    profile_views: float = 15.0
    program_views: float = 12.0
    post_events: float = 40.0
    seed: int = 1
    until: date = date(2026, 1, 1)

    @property
    def end(self) -> int:
        """Seconds since 1970."""
        return int(datetime(self.until.year, self.until.month, self.until.day, tzinfo=UTC).timestamp())

    def __post_init__(self) -> None:
        problems = [
            f"{name} must be at least 2" for name in ("users", "programs", "posts") if vars(self)[name] < 2
        ]
        means = ("follows", "profile_views", "program_views", "post_events")
        problems += [f"{name} must be at least 2" for name in means if vars(self)[name] < 2]
        if self.seed < 0:
            problems.append("seed must not be negative")
        if problems:
            raise ValueError("; ".join(problems))


@dataclass(frozen=True)
class Behaviour:
    """Generated contacts, follows, profile views and program events of a population; end in epoch seconds."""

    population: Population
    programs: generated_catalogue.Programs
    shelf: Shelf
    end: int
    scale: Scale

    def tables(self) -> tuple[EntityTable | EventTable, ...]:
        programs = EntityTable("programs", PROGRAM_COLUMNS, lambda: iter([self.programs.records]))
        views = EventTable("profile_views", PROFILE_VIEW_COLUMNS, self._profile_views)
        events = EventTable(
            "program_events", PROGRAM_EVENT_COLUMNS, self._program_events, PROGRAM_EVENT_KINDS
        )
        contacts = EntityTable("contacts", CONTACT_COLUMNS, self._contacts)
        return (contacts, programs, EventTable("follows", FOLLOW_COLUMNS, self._follows), views, events)

    def _contacts(self) -> Iterator[list[Record]]:
        for number, people in enumerate(self.population):
            yield generated_contacts.records(stream(self.scale.seed, "contacts", number), people)

    def _follows(self) -> Iterator[Events]:
        return (self._follows_of(number, people) for number, people in enumerate(self.population))

    def _follows_of(self, number: int, people: People) -> Events:
        rng = stream(self.scale.seed, "follows", number)
        return generated_events.follows(rng, people, self.shelf, self.end, self.scale.follows)

    def _profile_views(self) -> Iterator[Events]:
        for number, people in enumerate(self.population):
            followed, mean = self._follows_of(number, people), self.scale.profile_views
            rng = stream(self.scale.seed, "profile_views", number)
            yield generated_events.profile_views(rng, people, self.shelf, followed, self.end, mean)

    def _program_events(self) -> Iterator[Events]:
        for number, people in enumerate(self.population):
            rng, mean = stream(self.scale.seed, "program_events", number), self.scale.program_views
            yield generated_events.program_events(rng, people, self.programs, self.end, mean)


def stream(seed: int, purpose: str, number: int = 0) -> np.random.Generator:
    """An independent random stream for each purpose and block."""
    return np.random.default_rng([seed, number, *purpose.encode()])


def community(scale: Scale) -> Community:
    start, end = scale.end - _DAYS * 86_400, scale.end
    population = _population(scale, start, end)
    posts = generated_catalogue.posts(stream(scale.seed, "posts"), scale.posts, start, end)
    behaviour = Behaviour(
        population=population,
        programs=generated_catalogue.programs(stream(scale.seed, "programs"), scale.programs, start),
        shelf=generated_people.people_shelf(stream(scale.seed, "shelf"), population),
        end=end,
        scale=scale,
    )

    def post_events() -> Iterator[Events]:
        for number, people in enumerate(population):
            rng = stream(scale.seed, "post_events", number)
            yield generated_events.post_events(rng, people, posts, end, scale.post_events)

    return Community(
        f"{scale.users:,} generated users (seed {scale.seed}): people, programs, posts and behaviour",
        (
            EntityTable("users", USER_COLUMNS, lambda: (people.records() for people in population)),
            EntityTable("posts", POST_COLUMNS, lambda: _batched(posts.records)),
            *behaviour.tables(),
            EventTable("post_events", POST_EVENT_COLUMNS, post_events, POST_EVENT_KINDS),
        ),
    )


def _population(scale: Scale, start: int, end: int) -> Population:
    def block(number: int) -> People:
        rng, count = stream(scale.seed, "people", number), min(BLOCK, scale.users - number * BLOCK)
        ages = np.clip(rng.normal(34, 11, size=count), 16, 85).astype(np.int64)
        ages[rng.random(count) < 0.05] = 0
        return People(
            ids=np.arange(1, count + 1, dtype=np.int64) + number * BLOCK,
            ages=ages,
            genders=rng.choice(3, size=count, p=(0.48, 0.48, 0.04)).astype(np.int64),
            countries=generated_people.countries(rng, count),
            strengths=generated_people.strengths(rng, ages),
            joined=start + (rng.random(count) ** 2 * (end - start) * 0.9).astype(np.int64),
            interests=mixtures(rng, count),
        )

    return Population(-(-scale.users // BLOCK), block)


def _batched(records: list[Record]) -> Iterator[list[Record]]:
    return (records[first : first + _BATCH] for first in range(0, len(records), _BATCH))
