"""Generated people who come back to the same things, in ways that are known: models can be judged by them.

`baskets`: visits to a shop where everybody buys some things every so many visits, and some things once.
`sessions`: short visits, click after click, that lead from item to item and back to those of a moment ago.
"""

import numpy as np

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData

DAY = 86_400
START = 1_700_000_000
LONGEST_GAP = 12
KEPT_TO = 0.85
"""the chance that somebody buys what is due"""
TRIED = 2
"""new things in a basket"""
BACK = 0.35
"""the chance that a click leads back to an item of this session"""
ONWARD = 0.45
"""that it leads on to an item that follows the one before"""
FOLLOWERS = 3


def baskets(people: int, items: int, *, visits: int = 25, habits: int = 8, seed: int = 0) -> TrainingData:
    """Everybody has so many habits, each with a distance of 2 to LONGEST_GAP visits of its own."""
    rng = np.random.default_rng(seed)
    shares = _shares(items)
    users, things, times = [], [], []
    for person in range(people):
        own = rng.choice(items, habits, replace=False, p=shares)
        gaps = rng.integers(2, LONGEST_GAP + 1, habits)
        phases = rng.integers(0, gaps)
        for visit in range(visits):
            due = own[((visit + phases) % gaps == 0) & (rng.random(habits) < KEPT_TO)]
            basket = np.unique(np.concatenate([due, rng.choice(items, TRIED, p=shares)]))
            users += [person] * len(basket)
            things += basket.tolist()
            times += [START + visit * DAY] * len(basket)
    return _data(users, things, times)


def sessions(people: int, items: int, *, seed: int = 0) -> TrainingData:
    """One session a person, of 3 clicks or more."""
    rng = np.random.default_rng(seed)
    shares = _shares(items)
    follows = rng.integers(0, items, (items, FOLLOWERS))
    users, things, times = [], [], []
    for person in range(people):
        clicks = [int(rng.choice(items, p=shares))]
        for _ in range(2 + int(rng.geometric(0.25))):
            chance = rng.random()
            if chance < BACK:
                clicks.append(clicks[int(rng.integers(0, len(clicks)))])
            elif chance < BACK + ONWARD:
                clicks.append(int(follows[clicks[-1], int(rng.integers(0, FOLLOWERS))]))
            else:
                clicks.append(int(rng.choice(items, p=shares)))
        begin = START + int(rng.integers(0, 30 * DAY))
        users += [person] * len(clicks)
        things += clicks
        times += [begin + 20 * place for place in range(len(clicks))]
    return _data(users, things, times)


def _shares(items: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    popularity = (np.arange(items) + 10.0) ** -0.9
    return np.asarray(popularity / popularity.sum())


def _data(users: list[int], items: list[int], times: list[int]) -> TrainingData:
    """Ids in no order of popularity."""
    width = max(items) + 1
    names = np.random.default_rng(0).permutation(width)
    interactions = Interactions.from_columns(
        [f"u{user:07}" for user in users], [f"i{names[item]:06}" for item in items], times
    )
    return TrainingData(interactions, own_items=True)
