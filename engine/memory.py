"""What every model keeps of its training data."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Floats, Ids
from engine.errors import DataError
from engine.histories import Histories
from engine.interactions import Interactions


@dataclass(frozen=True)
class Memory:
    """Who is known, what they touched, and how popular items are (sums to 1)."""

    user_ids: Ids
    item_ids: Ids
    histories: Histories
    popularity: Floats

    @classmethod
    def of(cls, interactions: Interactions) -> "Memory":
        if not len(interactions):
            raise DataError("there are no interactions to learn from")
        histories = interactions.histories()
        counts = np.bincount(histories.items, minlength=len(interactions.item_ids))
        popularity = (counts / counts.sum()).astype(np.float32)
        return cls(interactions.user_ids, interactions.item_ids, histories, popularity)
