"""Items alike by several senses of the word at once."""

from dataclasses import dataclass

import numpy as np

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories
from engine.scorers.blend import Part


@dataclass(frozen=True)
class RelatedScorer:
    """The weighted sum of the parts, of scores as of similarities."""

    parts: tuple[Part, ...]

    def scores(self, histories: Histories, users: Codes) -> Floats:
        return self._sum([part.scorer.scores(histories, users) for part in self.parts])

    def similar(self, items: Codes) -> Floats:
        return self._sum([part.scorer.similar(items) for part in self.parts])

    def _sum(self, blocks: list[Floats]) -> Floats:
        weighted = [np.float32(part.weight) * block for part, block in zip(self.parts, blocks, strict=True)]
        return np.asarray(np.sum(weighted, axis=0), np.float32)
