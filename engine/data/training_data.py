"""What an algorithm trains on, with the parts that several of them need computed once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.data.contexts import Contexts, Labels
from engine.data.directions import of_gram, of_matrix
from engine.data.interactions import Interactions
from engine.data.memory import DENSE_ITEMS, Memory
from engine.data.metadata import Metadata
from engine.ground.arrays import Floats
from engine.ground.errors import DataError
from engine.ground.sparse import Sparse, sorted_matrix
from engine.ground.threads import blocks

GRAM_BLOCK = 256
SHARED_DIRECTIONS = 64


@dataclass(frozen=True)
class TrainingData:
    """Interactions, and metadata aligned to their ids (`items` to item_ids, `users` to user_ids)."""

    interactions: Interactions
    items: Metadata | None = None
    users: Metadata | None = None
    contexts: Contexts | None = None
    """of all events, whatever part of them the interactions are"""
    own_items: bool = False
    """people touch items again: models learn from all events, and their lists may hold what people have"""

    @classmethod
    def of(
        cls,
        interactions: Interactions,
        items: Metadata | None = None,
        users: Metadata | None = None,
        contexts: Mapping[str, Labels] | None = None,
    ) -> "TrainingData":
        """Ids that occur in the metadata only become known too: new items, and users without events.

        contexts: columns with a label for each row of the interactions.
        """
        whole = interactions.with_ids(
            users=None if users is None else users.ids, items=None if items is None else items.ids
        )
        return cls(
            whole,
            items.aligned(whole.item_ids) if items else None,
            users.aligned(whole.user_ids) if users else None,
            Contexts.of(whole, contexts) if contexts else None,
        )

    def with_interactions(self, interactions: Interactions) -> "TrainingData":
        """The same metadata with a part of the interactions (in the same code space)."""
        return replace(self, interactions=interactions)

    def distinct(self) -> "TrainingData":
        """The same with one row per user and item: what models learn from, in less memory than all events.

        Where items come again, models learn from all events, and it stays as it is.
        """
        if self.own_items:
            return self
        return self.with_interactions(self.interactions.distinct())

    @cached_property
    def pairs(self) -> Interactions:
        """One row per user and item, as Interactions.distinct gives them."""
        return self.interactions.distinct()

    @cached_property
    def sequence(self) -> Interactions:
        """What people touched one after the other, by user, oldest first: the pairs, or all events."""
        return (self.interactions if self.own_items else self.pairs).in_time()

    @cached_property
    def memory(self) -> Memory:
        return Memory.of_all(self.sequence) if self.own_items else Memory.of(self.pairs)

    @cached_property
    def x(self) -> Sparse:
        """Users x items, the weight of each pair."""
        histories = self.pairs.as_histories() if self.own_items else self.memory.histories
        return sorted_matrix(histories, len(self.memory.item_ids))

    @cached_property
    def gram(self) -> Floats:
        """Items x items, X'X; shared by all who ask, so not to be written to."""
        gram = np.empty((self.x.shape[1],) * 2, np.float32)
        columns = self.x.T.tocsr()

        def fill(start: int, stop: int) -> None:
            gram[start:stop] = (columns[start:stop] @ self.x).toarray()

        for _ in blocks(fill, len(gram), size=GRAM_BLOCK):
            pass
        gram.flags.writeable = False
        return gram

    def directions(self, count: int) -> Floats:
        """Items x up to count leading right singular vectors of x, the strongest first."""
        if count <= SHARED_DIRECTIONS:
            return self._directions[:, :count]
        return self._leading(count)

    @cached_property
    def _directions(self) -> Floats:
        return self._leading(SHARED_DIRECTIONS)

    def _leading(self, count: int) -> Floats:
        asked = min(count, *self.x.shape)
        return of_gram(self.gram, asked) if self.x.shape[1] <= DENSE_ITEMS else of_matrix(self.x, asked)

    def need_items(self) -> Metadata:
        """The items' metadata. Raises: DataError, if there is none."""
        if self.items is None or not self.items.columns:
            raise DataError("this algorithm needs item metadata, and there is none")
        return self.items

    def need_users(self) -> Metadata:
        """The users' metadata. Raises: DataError, if there is none."""
        if self.users is None or not self.users.columns:
            raise DataError("this algorithm needs user metadata, and there is none")
        return self.users


def refuse_more_than(items: int, limit: int) -> None:
    """Keeps dense item x item models from filling the memory.

    Raises: DataError, if there are more items than that.
    """
    if items > limit:
        raise DataError(
            f"{items} items are too many for a dense item x item model (max_items={limit}); "
            "use the neighbourhood models"
        )
