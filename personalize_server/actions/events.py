"""What users did with actions, user by user, in files that all processes map."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.ground.arrays import Codes, Ids, Offsets, Times
from engine.ground.histories import offsets_of
from engine.ground.vocabulary import lookup
from personalize_server.data.attribute_columns import mapped
from personalize_server.data.interaction_table import InteractionTable

_ABOUT = "events.json"


class Seen(NamedTuple):
    """An action interaction of the user who asks."""

    action: int
    kind: str
    time: float


@dataclass(frozen=True)
class ActionEvents:
    user_ids: Ids
    """in order"""
    offsets: Offsets
    """where the events of each user begin, and the last ones end"""
    actions: Codes
    """-1: none that is known"""
    kinds: Codes
    """among the kinds' names, -1: none"""
    times: Times
    kind_names: Sequence[str]
    newest: float

    @classmethod
    def load(cls, folder: Path) -> "ActionEvents":
        about = json.loads((folder / _ABOUT).read_text())
        arrays = {name: mapped(folder / f"{name}.npy") for name in ("actions", "kinds", "times")}
        return cls(
            mapped(folder / "user_ids.npy"),
            mapped(folder / "offsets.npy"),
            **arrays,
            kind_names=about["kind_names"],
            newest=about["newest"],
        )

    def row(self, user: str) -> int:
        """-1: the user has none."""
        [row] = lookup(self.user_ids, [user]).tolist()
        return int(row)

    def of(self, user: str) -> list[Seen]:
        row = self.row(user)
        if row < 0:
            return []
        part = slice(int(self.offsets[row]), int(self.offsets[row + 1]))
        columns = (self.actions[part].tolist(), self.kinds[part].tolist(), self.times[part].tolist())
        return [
            Seen(action, self.kind_names[kind] if kind >= 0 else "", float(time))
            for action, kind, time in zip(*columns, strict=True)
        ]


def store(table: InteractionTable, actions: Ids, folder: Path) -> None:
    """As files that ActionEvents.load reads; `actions` are all there are, in order."""
    folder.mkdir(parents=True)
    order = np.argsort(table.users, kind="stable")
    arrays = {
        "user_ids": table.user_ids,
        "offsets": offsets_of(np.bincount(table.users, minlength=len(table.user_ids))),
        "actions": lookup(actions, table.item_ids)[table.items][order],
        "kinds": table.types[order],
        "times": table.times[order],
    }
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    about = {"kind_names": table.type_names.tolist(), "newest": float(table.times.max(initial=0))}
    (folder / _ABOUT).write_text(json.dumps(about))
