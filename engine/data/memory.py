"""What every model keeps of its training data."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.data.interactions import Interactions
from engine.ground.arrays import Codes, Floats, Ids
from engine.ground.errors import DataError
from engine.ground.histories import Histories
from engine.ground.ranking import ranks_of

DENSE_ITEMS = 20_000
"""up to so many items, an item x item matrix is affordable, and a list is made of all items"""
_LOOKED_AT = 65_536


@dataclass(frozen=True)
class Memory:
    """Who is known, what they touched, and how popular items are (sums to 1)."""

    user_ids: Ids
    item_ids: Ids
    histories: Histories
    popularity: Floats

    @cached_property
    def ranks(self) -> Codes:
        """Per item its place by popularity, 0 the most popular: what decides between equal scores."""
        return ranks_of(self.popularity)

    @cached_property
    def by_popularity(self) -> Codes:
        """The items, the most popular first."""
        return np.argsort(self.ranks).astype(np.int32)

    @cached_property
    def usual_weight(self) -> float:
        """What a new event counts: the median of the weights above 0 (of a sample of many); 1 without any."""
        weights = self.histories.weights
        sample = weights[:: max(1, len(weights) // _LOOKED_AT)]
        positive = sample[sample > 0]
        return float(np.median(positive)) if len(positive) else 1.0

    @classmethod
    def of(cls, pairs: Interactions) -> "Memory":
        """From distinct pairs, as Interactions.distinct gives them. Raises: DataError, if there are none."""
        if not len(pairs):
            raise DataError("there are no interactions to learn from")
        return cls._of(pairs, pairs.as_histories())

    @classmethod
    def of_all(cls, events: Interactions) -> "Memory":
        """From all events, in the order of `in_time`. Raises: DataError, if there are none."""
        if not len(events):
            raise DataError("there are no interactions to learn from")
        return cls._of(events, events.as_visits())

    @classmethod
    def _of(cls, events: Interactions, histories: Histories) -> "Memory":
        counts = np.bincount(histories.items, minlength=len(events.item_ids))
        popularity = (counts / counts.sum()).astype(np.float32)
        return cls(events.user_ids, events.item_ids, histories, popularity)
