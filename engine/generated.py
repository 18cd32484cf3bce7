"""Generated data of any size with the shape of real data: tastes in clusters, a long tail, repeats."""

import numpy as np

from engine.histories import Histories
from engine.interactions import Interactions
from engine.metadata import Categories, Metadata
from engine.training import TrainingData

CLUSTERS = 40
OWN_TASTE = 0.6
REPEATED = 0.18
START, YEAR = 1_700_000_000, 31_536_000


def generated(users: int, items: int, events: int, *, seed: int = 0) -> TrainingData:
    """Events and an item category; the same for the same arguments."""
    rng = np.random.default_rng(seed)
    activity = rng.lognormal(0, 1.0, users)
    who = rng.choice(users, events, p=activity / activity.sum()).astype(np.int32)
    cluster_of_user = rng.integers(0, CLUSTERS, users)
    cluster_of_item = rng.integers(0, CLUSTERS, items)
    popularity = (np.arange(items) + 10.0) ** -0.9
    what = rng.choice(items, events, p=popularity / popularity.sum()).astype(np.int32)
    for cluster in range(CLUSTERS):
        own = np.flatnonzero(cluster_of_item == cluster)
        rows = np.flatnonzero((cluster_of_user[who] == cluster) & (rng.random(events) < OWN_TASTE))
        if len(own) and len(rows):
            what[rows] = rng.choice(own, len(rows), p=popularity[own] / popularity[own].sum())
    again = np.flatnonzero(rng.random(events) < REPEATED)
    order = np.argsort(who, kind="stable")
    place = np.empty(events, np.int64)
    place[order] = np.arange(events)
    before = order[np.maximum(place[again] - 1, 0)]
    same = who[before] == who[again]
    what[again[same]] = what[before[same]]
    times = START + rng.integers(0, YEAR, events)
    user_ids = np.array([f"u{user:08}" for user in range(users)])
    item_ids = np.array([f"i{item:06}" for item in range(items)])
    interactions = Interactions(user_ids, item_ids, who, what, times, np.ones(events, np.float32))
    kinds = np.array([f"kind{kind:02}" for kind in range(CLUSTERS)])
    category = Histories(np.arange(items + 1), cluster_of_item.astype(np.int32), np.ones(items, np.float32))
    return TrainingData(interactions, Metadata(item_ids, {"KIND": Categories(kinds, category)}))
