"""What every scorer can do: the part of a model that differs from algorithm to algorithm."""

from typing import Protocol

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories


class Scorer(Protocol):
    """The part of a model that differs from algorithm to algorithm."""

    def scores(self, histories: Histories, users: Codes) -> Floats:
        """Rows x items, a new array; users[r] is the code of row r's user, -1 for one not trained on."""

    def similar(self, items: Codes) -> Floats:
        """Rows x items: how alike each of these items and every item are; a new array."""
