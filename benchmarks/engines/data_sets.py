"""Data sets of different shapes for the engine's benchmarks: MovieLens 100K, and generated ones."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.data.generated import generated
from engine.data.interactions import Interactions
from engine.data.metadata import Column, Metadata, categories, numbers, words
from engine.data.training_data import TrainingData
from engine.evaluation.protocols import PROTOCOLS, split
from trial_data import movielens as source

SEED = 42
"""of the test splits"""


def movielens() -> TrainingData:
    """All ratings as interactions, with the films' titles, years and genres and the viewers' attributes."""
    folder = source.fetch()
    events, films, people = (_columns(folder / f"ml-100k.{name}") for name in ("inter", "item", "user"))
    interactions = Interactions.from_columns(events[0], events[1], np.array(events[3], np.float64))
    items: dict[str, Column] = {
        "TITLE": words(films[1]),
        "YEAR": numbers([year if year.isdigit() else "" for year in films[2]]),
        "GENRES": categories([genre.replace(" ", "|") for genre in films[3]]),
    }
    users: dict[str, Column] = {
        "AGE": numbers(people[1]),
        "GENDER": categories(people[2]),
        "OCCUPATION": categories(people[3]),
    }
    return TrainingData.of(interactions, Metadata.of(films[0], items), Metadata.of(people[0], users))


def always_trained_on(data: TrainingData) -> TrainingData:
    """The pairs that are in the training part of every protocol (with the seed of the benchmarks)."""
    pairs = data.interactions.distinct()
    kept = np.ones(len(pairs), np.bool_)
    for protocol in (one for one in PROTOCOLS if one != "last-visit"):  # which is younger than the defaults
        kept &= np.isin(_keys(pairs), _keys(split(pairs, protocol, seed=SEED).train))
    return data.with_interactions(pairs.where(kept))


def posts(users: int, items: int, events: float, *, seed: int = 1) -> TrainingData:
    """What people do with posts in the sample business's generated community; events is a mean.

    Raises: SystemExit, where the sample business has been taken away.
    """
    try:
        from sample_database.generated import Scale, community
        from sample_database.tables import EventTable
    except ModuleNotFoundError:
        raise SystemExit(
            "this benchmark is of the sample business's data: sample_database/ is missing"
        ) from None
    scale = Scale(users=users, posts=items, post_events=events, seed=seed)
    [table] = [one for one in community(scale).tables if one.name == "post_events"]
    assert isinstance(table, EventTable)
    batches = list(table.batches())
    who, what, when = (
        np.concatenate([getattr(batch, name) for batch in batches])
        for name in ("subjects", "objects", "times")
    )
    return TrainingData(Interactions.from_columns(who.astype(str), what.astype(str), when))


def bare(users: int, items: int, events: int, *, seed: int = 0) -> TrainingData:
    """Generated tastes without any metadata."""
    return TrainingData(generated(users, items, events, seed=seed).interactions)


def _keys(pairs: Interactions) -> NDArray[np.int64]:
    return pairs.users.astype(np.int64) * len(pairs.item_ids) + pairs.items


def _columns(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return [list(column) for column in zip(*(line.split("\t") for line in lines), strict=True)]
