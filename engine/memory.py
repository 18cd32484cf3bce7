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
    def of(cls, pairs: Interactions) -> "Memory":
        """From distinct pairs, as Interactions.distinct gives them."""
        if not len(pairs):
            raise DataError("there are no interactions to learn from")
        histories = pairs.as_histories()
        counts = np.bincount(histories.items, minlength=len(pairs.item_ids))
        popularity = (counts / counts.sum()).astype(np.float32)
        return cls(pairs.user_ids, pairs.item_ids, histories, popularity)
