"""Generated behaviour of a block of people: who follows whom, which programs and posts, and when."""

import numpy as np

from sample_database.generated_catalogue import Posts, Programs
from sample_database.generated_interests import Shelf, choose, how_many
from sample_database.generated_people import People
from sample_database.tables import POST_EVENT_KINDS, PROGRAM_EVENT_KINDS, Events
from trial_data.arrays import Ints

_MINUTE, _DAY = 60, 86_400


def follows(rng: np.random.Generator, people: People, shelf: Shelf, end: int, mean: float) -> Events:
    """Each pair once, nobody follows themselves."""
    owners, chosen = _choices(rng, people, shelf, mean)
    return Events(people.ids[owners], chosen, _times(rng, people, owners, end)).by_time()


def profile_views(
    rng: np.random.Generator, people: People, shelf: Shelf, followed: Events, end: int, mean: float
) -> Events:
    """Most follows come minutes after a look at the profile; most looks lead to nothing."""
    looked = rng.random(len(followed)) < 0.7
    before = followed.times[looked] - rng.integers(10, 30 * _MINUTE, size=int(looked.sum()))
    before = np.maximum(before, people.joined[np.searchsorted(people.ids, followed.subjects[looked])])
    owners, chosen = _choices(rng, people, shelf, mean)
    times = _times(rng, people, owners, end)
    return Events(
        np.concatenate([followed.subjects[looked], people.ids[owners]]),
        np.concatenate([followed.objects[looked], chosen]),
        np.concatenate([before, times]),
    ).by_time()


def program_events(
    rng: np.random.Generator, people: People, programs: Programs, end: int, mean: float
) -> Events:
    """Programs are viewed, some joined within days, some completed weeks later; `mean` counts the views."""
    cap = max(2, len(programs.records) // 3)
    owners, interests = choose(rng, people.interests, how_many(rng, len(people), mean, cap))
    chosen = programs.shelf.pick(rng, programs.segments(interests, people.strengths[owners]))
    owners, chosen = _distinct(owners, chosen)
    viewed = _times(rng, people, owners, end)
    joined = viewed + rng.exponential(2 * _DAY, size=len(viewed)).astype(np.int64) + _MINUTE
    completed = joined + rng.integers(28 * _DAY, 84 * _DAY, size=len(viewed))
    joins = (rng.random(len(viewed)) < 0.45) & (joined < end)
    completes = joins & (rng.random(len(viewed)) < 0.5) & (completed < end)
    every = np.ones(len(viewed), dtype=bool)
    steps = [(every, viewed, "view"), (joins, joined, "join"), (completes, completed, "complete")]
    return Events(
        np.concatenate([people.ids[owners[which]] for which, _, _ in steps]),
        np.concatenate([chosen[which] for which, _, _ in steps]),
        np.concatenate([times[which] for which, times, _ in steps]),
        np.concatenate(
            [np.full(int(which.sum()), PROGRAM_EVENT_KINDS.index(kind)) for which, _, kind in steps]
        ).astype(np.int64),
    ).by_time()


def post_events(rng: np.random.Generator, people: People, posts: Posts, end: int, mean: float) -> Events:
    """Posts seen again count again; six in ten events are views, three likes, one a comment."""
    owners, interests = choose(rng, people.interests, how_many(rng, len(people), mean, 50 * int(mean + 1)))
    chosen = posts.shelf.pick(rng, interests)
    kinds = rng.choice(len(POST_EVENT_KINDS), size=len(owners), p=(0.6, 0.3, 0.1)).astype(np.int64)
    return Events(people.ids[owners], chosen, _times(rng, people, owners, end), kinds).by_time()


def _choices(rng: np.random.Generator, people: People, shelf: Shelf, mean: float) -> tuple[Ints, Ints]:
    """Distinct (person's row, chosen person) pairs without the person's own id."""
    owners, interests = choose(rng, people.interests, how_many(rng, len(people), mean, 500))
    owners, chosen = _distinct(owners, shelf.pick(rng, interests))
    others = people.ids[owners] != chosen
    return owners[others], chosen[others]


def _distinct(owners: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    span = int(chosen.max(initial=0)) + 1
    pairs = np.unique(owners * span + chosen)
    return pairs // span, pairs % span


def _times(rng: np.random.Generator, people: People, owners: Ints, end: int) -> Ints:
    """Between joining and the end, uniformly."""
    joined = people.joined[owners]
    return joined + (rng.random(len(owners)) * (end - joined)).astype(np.int64)
