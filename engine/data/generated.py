"""Generated data of any size with the shape of real data: tastes in clusters, a long tail, repeats."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.contexts import Contexts, Labels
from engine.data.interactions import Interactions
from engine.data.metadata import Categories, Metadata, Numbers
from engine.data.sorting import in_order
from engine.data.training_data import TrainingData
from engine.ground.arrays import Codes
from engine.ground.histories import Histories

CLUSTERS = 40
OWN_TASTE = 0.6
REPEATED = 0.18
START, YEAR = 1_700_000_000, 31_536_000
BLOCK = 1_000_000
DEVICES = ("laptop", "phone", "tv")


def generated(users: int, items: int, events: int, *, seed: int = 0) -> TrainingData:
    """Events and an item category; the same for the same arguments."""
    rng = np.random.default_rng(seed)
    activity = rng.lognormal(0, 1.0, users)
    who = _drawn(rng, activity, events)
    cluster_of_user = rng.integers(0, CLUSTERS, users)
    cluster_of_item = rng.integers(0, CLUSTERS, items)
    popularity = (np.arange(items) + 10.0) ** -0.9
    what = _drawn(rng, popularity, events)
    own_taste = np.where(rng.random(events, np.float32) < OWN_TASTE, cluster_of_user[who].astype(np.int8), -1)
    for cluster in range(CLUSTERS):
        own, rows = np.flatnonzero(cluster_of_item == cluster), np.flatnonzero(own_taste == cluster)
        if len(own):
            what[rows] = own[_drawn(rng, popularity[own], len(rows))]
    _, order = in_order(who.astype(np.int64))
    again = np.flatnonzero(rng.random(events - 1, np.float32) < REPEATED)
    again = again[who[order[again + 1]] == who[order[again]]]
    what[order[again + 1]] = what[order[again]]
    del order
    times = START + rng.integers(0, YEAR, events)
    user_ids = np.array([f"u{user:08}" for user in range(users)])
    item_ids = np.array([f"i{item:06}" for item in range(items)])
    interactions = Interactions(user_ids, item_ids, who, what, times, np.ones(events, np.float32))
    kinds = np.array([f"kind{kind:02}" for kind in range(CLUSTERS)])
    category = Histories(np.arange(items + 1), cluster_of_item.astype(np.int32), np.ones(items, np.float32))
    return TrainingData(interactions, Metadata(item_ids, {"KIND": Categories(kinds, category)}))


def with_ages(data: TrainingData, *, seed: int = 0) -> TrainingData:
    """The same with an age for everybody, which says nothing about tastes."""
    ids = data.interactions.user_ids
    ages = np.random.default_rng(seed).integers(16, 80, len(ids)).astype(np.float32)
    return replace(data, users=Metadata(ids, {"AGE": Numbers(ages)}))


def with_devices(data: TrainingData, *, leaning: float, seed: int = 0) -> TrainingData:
    """The same with a DEVICE for each event, one of DEVICES.

    leaning: of each item's events the share that happens on the item's own device; the rest, like
    everything at 0, happens anywhere.
    """
    rng = np.random.default_rng(seed)
    own = rng.integers(0, len(DEVICES), len(data.interactions.item_ids))
    events = len(data.interactions)
    leans = rng.random(events) < leaning
    codes = np.where(leans, own[data.interactions.items], rng.integers(0, len(DEVICES), events))
    labels = Labels(np.array(DEVICES), codes.astype(np.int32))
    return replace(data, contexts=Contexts.of(data.interactions, {"DEVICE": labels}))


def _drawn(rng: np.random.Generator, weights: NDArray[np.floating[Any]], count: int) -> Codes:
    """Places of the weights, each as likely as it weighs; in blocks, so that little memory is needed."""
    steps = np.cumsum(weights / weights.sum())
    found = np.empty(count, np.int32)
    for start in range(0, count, BLOCK):
        part = found[start : start + BLOCK]
        part[:] = np.searchsorted(steps[:-1], rng.random(len(part)), side="right")
    return found
