"""Columns of text, each distinct text kept once: a long cell costs its own length, not that of all rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Ids, Mask
from engine.ground.vocabulary import UNKNOWN, factorise


class Coder(dict[str, int]):
    """A code for every text, in the order in which they are first asked for."""

    def __missing__(self, text: str) -> int:
        code = self[text] = len(self)
        return code

    def codes(self, texts: Iterable[str], count: int = -1) -> Codes:
        return np.fromiter(map(self.__getitem__, texts), np.int32, count)

    def sorted(self) -> tuple[Ids, Codes]:
        """The texts in order, and the place of each code among them."""
        texts = np.array([*self] or np.empty(0, np.str_), np.str_)
        order = np.argsort(texts, kind="stable")
        places = np.empty(len(order), np.int32)
        places[order] = np.arange(len(order), dtype=np.int32)
        return texts[order], places


@dataclass(frozen=True)
class Cells:
    """Row r holds `values[codes[r]]`; the values are distinct and in no order."""

    values: Sequence[str]
    codes: Codes

    @classmethod
    def of(cls, cells: "Sequence[str] | Ids | Cells") -> "Cells":
        if isinstance(cells, Cells):
            return cells
        texts = cells.tolist() if isinstance(cells, np.ndarray) else cells
        coder = Coder()
        codes = coder.codes(map(str, texts), len(texts))
        return cls([*coder], codes)

    def where(self, mask: Mask) -> "Cells":
        """The rows of the mask."""
        return self if mask.all() else Cells(self.values, self.codes[mask])

    def factorised(self) -> tuple[Ids, Codes]:
        """As `vocabulary.factorise` gives them: the texts of these rows in order, and the place of each."""
        used = np.flatnonzero(np.bincount(self.codes, minlength=len(self.values)))
        ids, found = factorise(
            np.array([self.values[code] for code in used.tolist()] or np.empty(0, np.str_), np.str_)
        )
        places = np.full(len(self.values), UNKNOWN, np.int32)
        places[used] = found
        return ids, places[self.codes]

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return self.values[int(self.codes[row])]
