"""How often items have been shown, by the impressions that came with interactions."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.ground.arrays import Floats, Ids
from engine.ground.vocabulary import lookup
from personalize_server.data.columns import Part

_ROWS = 200_000
_COLUMN = "IMPRESSION"


def impressions_of(folders: Sequence[Path], item_ids: Ids) -> Floats:
    """By item; `folders` are the parts of the Interactions dataset."""
    shown: Counter[str] = Counter()
    for part in map(Part, folders):
        for start in range(0, part.rows if _COLUMN in part.columns else 0, _ROWS):
            for cell in part.texts_between(_COLUMN, start, min(start + _ROWS, part.rows)):
                shown.update(cell.split("|") if cell else ())
    counts = np.zeros(len(item_ids), np.float32)
    names = list(shown)
    codes = lookup(item_ids, names)
    known = codes >= 0
    counts[codes[known]] = np.array([shown[name] for name in names], np.float32)[known]
    return counts
