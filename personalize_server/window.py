"""The newest interactions of every user by event type: what filters look at."""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Codes, Ids, Mask, Offsets
from engine.histories import offsets_of
from engine.vocabulary import lookup
from personalize_server.interaction_table import InteractionTable


@dataclass(frozen=True)
class Window:
    """User r's are `items[offsets[r]:offsets[r + 1]]`, as items of a model, `types` as `type_names`."""

    offsets: Offsets
    items: Codes
    types: Codes
    """-1: no event type"""
    type_names: tuple[str, ...]

    @classmethod
    def of(cls, table: InteractionTable, item_ids: Ids, *, newest: int) -> "Window":
        """At most `newest` rows of each user and event type, those of unknown items left out."""
        items = lookup(item_ids, table.item_ids)[table.items]
        kept = table.newest(newest) & (items >= 0)
        kinds = len(table.type_names) + 1
        owners = table.users[kept].astype(np.int64)
        keys = (owners * kinds + table.types[kept] + 1) * len(item_ids) + items[kept]
        keys = np.unique(keys)
        owners, rest = np.divmod(keys, kinds * len(item_ids))
        types, codes = np.divmod(rest, len(item_ids))
        lengths = np.bincount(owners, minlength=len(table.user_ids))
        names = tuple(table.type_names.tolist())
        return cls(offsets_of(lengths), codes.astype(np.int32), (types - 1).astype(np.int32), names)

    def mark(self, marks: Mask, users: Codes, verdicts: Mask) -> None:
        """Sets, in row r of `marks`, what user r did; `verdicts` say by type, no type last, what counts."""
        for row, user in enumerate(users.tolist()):
            if user >= 0:
                kept = slice(int(self.offsets[user]), int(self.offsets[user + 1]))
                marks[row, self.items[kept][verdicts[self.types[kept]]]] = True
