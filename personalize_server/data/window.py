"""The newest interactions of every user by event type: what filters look at."""

from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Mask, Offsets
from engine.ground.histories import offsets_of
from personalize_server.data.interaction_table import InteractionTable


@dataclass(frozen=True)
class Window:
    """User r's are `items[offsets[r]:offsets[r + 1]]`, as codes of items, `types` as `type_names`."""

    offsets: Offsets
    items: Codes
    types: Codes
    """-1: no event type"""
    type_names: tuple[str, ...]

    @classmethod
    def of(cls, table: InteractionTable, codes: Codes, width: int, *, newest: int) -> "Window":
        """At most `newest` rows of each user and event type.

        `codes` are those of the table's items, below `width`; items with -1 are left out.
        """
        items = codes[table.items]
        kept = table.newest(newest) & (items >= 0)
        kinds = len(table.type_names) + 1
        owners = table.users[kept].astype(np.int64)
        keys = (owners * kinds + table.types[kept] + 1) * width + items[kept]
        keys = np.unique(keys)
        owners, rest = np.divmod(keys, kinds * width)
        types, codes = np.divmod(rest, width)
        lengths = np.bincount(owners, minlength=len(table.user_ids))
        names = tuple(table.type_names.tolist())
        return cls(offsets_of(lengths), codes.astype(np.int32), (types - 1).astype(np.int32), names)

    def mark(self, marks: Mask, users: Codes, verdicts: Mask) -> None:
        """Sets, in row r of `marks`, what user r did; `verdicts` say by type, no type last, what counts."""
        for row, user in enumerate(users.tolist()):
            marks[row, self.touched(user, verdicts)] = True

    def touched(self, user: int, verdicts: Mask) -> Codes:
        """Items of the user; `verdicts` as of `mark`."""
        if not 0 <= user < len(self.offsets) - 1:
            return self.items[:0]
        start, stop = self.offsets[user : user + 2].tolist()
        kept = slice(start, stop)
        found: Codes = self.items[kept][verdicts[self.types[kept]]]
        return found
