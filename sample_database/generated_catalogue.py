"""Generated things to choose from: training programs and, where there are no films, posts."""

from dataclasses import dataclass

import numpy as np

from sample_database.generated_interests import INTERESTS, Shelf
from sample_database.tables import Record, moment
from trial_data.arrays import Ints

LEVELS = ("beginner", "intermediate", "advanced")

_WORDS = {  # per interest: what programs and posts are about, and the equipment they may need
    "strength": (
        "Barbell Basics|Heavy Fives|Squat Cycle|Deadlift Focus|Kettlebell Power",
        "barbell|kettlebell|bench",
    ),
    "calisthenics": (
        "Pull-up Path|Handstand School|Ring Strength|Push-up Ladder|Park Workout",
        "rings|pull-up bar",
    ),
    "interval training": (
        "Tabata Blocks|Sprint Intervals|Burpee Circuit|Lunch Break Burner|Rowing Repeats",
        "mat|rower",
    ),
    "running": ("First 5K|10K Tempo|Half Marathon Build|Trail Running|Marathon Block", "treadmill"),
    "cycling": ("Climbing Legs|Threshold Ride|Century Plan|Indoor Power|Gravel Season", "bike|bike trainer"),
    "swimming": (
        "Freestyle Technique|Open Water|Swim Endurance|Triathlon Swim|Four Strokes",
        "pool|pull buoy",
    ),
    "climbing": (
        "Finger Strength|Bouldering Power|Lead Endurance|Route Reading|Campus Board",
        "hangboard|climbing wall",
    ),
    "martial arts": (
        "Boxing Rounds|Kickboxing Cardio|Judo Conditioning|Shadow Boxing|Footwork Drills",
        "gloves|heavy bag",
    ),
    "dance": ("Dance Cardio|Hip-hop Foundations|Salsa Steps|Ballet Barre|Afrobeat Moves", "barre"),
    "yoga": ("Morning Flow|Power Vinyasa|Yin Evenings|Balance Poses|Sun Salutations", "mat|blocks|strap"),
    "mobility": ("Hip Opener|Shoulder Care|Desk Relief|Splits Plan|Foam Rolling", "mat|foam roller|band"),
    "walking": ("10,000 Steps|Nordic Walking|Hill Walks|City Hikes|Walk and Stretch", "poles"),
}
_POST_ANGLES = (
    "what I learned in a month",
    "five mistakes to avoid",
    "my week in numbers",
    "questions from the community",
    "form check",
    "warm-up that works",
    "small wins",
    "gear worth having",
    "training with little time",
    "coming back after a break",
)


@dataclass(frozen=True)
class Programs:
    records: list[Record]
    shelf: Shelf

    def segments(self, interests: Ints, strengths: Ints) -> Ints:
        """The segment of the shelf that suits an interest and a strength category."""
        return interests * len(LEVELS) + np.minimum(strengths, len(LEVELS) - 1)


@dataclass(frozen=True)
class Posts:
    records: list[Record]
    shelf: Shelf


def programs(rng: np.random.Generator, count: int, published: int) -> Programs:
    """Interests and levels take turns; each (interest, level) has its own favourites."""
    ids = np.arange(1, count + 1, dtype=np.int64)
    interests, levels = (ids - 1) % len(INTERESTS), (ids - 1) // len(INTERESTS) % len(LEVELS)
    weeks = rng.integers(4, 13, size=count)
    records = []
    for id_, interest, level, length in zip(ids.tolist(), interests, levels, weeks, strict=True):
        names, gear = (words.split("|") for words in _WORDS[INTERESTS[interest]])
        name = names[(id_ - 1) // (len(INTERESTS) * len(LEVELS)) % len(names)]
        chosen = [tool for tool in gear if rng.random() < 0.5]
        title = f"{name}: {length} weeks, {LEVELS[level]}"
        records.append((id_, title, LEVELS[level], INTERESTS[interest], chosen, moment(published)))
    appeal = rng.normal(size=count)
    segments = []
    for wanted in range(len(INTERESTS)):
        own = np.flatnonzero(interests == wanted)
        for suited in range(len(LEVELS)):
            fit = appeal[own] - 1.5 * np.abs(levels[own] - suited)
            segments.append(ids[own[np.argsort(-fit, kind="stable")]])
    return Programs(records, Shelf.stack(segments, ids[np.argsort(-appeal, kind="stable")]))


def posts(rng: np.random.Generator, count: int, start: int, end: int) -> Posts:
    ids = np.arange(1, count + 1, dtype=np.int64)
    interests = (ids - 1) % len(INTERESTS)
    published = np.sort(rng.integers(start, end, size=count))
    records = []
    for id_, interest, time in zip(ids.tolist(), interests, published, strict=True):
        subjects = _WORDS[INTERESTS[interest]][0].split("|")
        turn = (id_ - 1) // len(INTERESTS)
        angle = _POST_ANGLES[turn // len(subjects) % len(_POST_ANGLES)]
        title = (
            f"{subjects[turn % len(subjects)]}: {angle} #{turn // (len(subjects) * len(_POST_ANGLES)) + 1}"
        )
        records.append((id_, title, [INTERESTS[interest]], moment(time)))
    shuffled = rng.permutation(ids)
    by_interest = [shuffled[(shuffled - 1) % len(INTERESTS) == number] for number in range(len(INTERESTS))]
    return Posts(records, Shelf.stack(by_interest, shuffled))
