"""Exploration: some places of a list go to new items that relevance alone would not have put there."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.arrays import Codes, Floats, Mask, Times
from engine.ranking import top
from personalize_server.inference import Inference

_DEFAULT_WEIGHT = "0.3"
_DEFAULT_AGE_DAYS = "30"
_DAY = 86_400


@dataclass(frozen=True)
class Exploration:
    """`weight` is the chance of a place to be explored; `new` the items young enough for it.

    The more often an item is in `impressions` (per item), the less likely it is to be explored (Amazon
    Personalize, "Impressions data"): its relevance counts as divided by one more than that. By how much is
    not documented.
    """

    weight: float
    new: Mask
    impressions: Floats

    def candidates(self, scores: Floats, regular: Sequence[int]) -> Mask:
        """New items that the filter allows and that are not in the list anyway."""
        found = self.new & ~np.isneginf(scores)
        found[list(regular)] = False
        return found

    def picked(self, scores: Floats, candidates: Mask, places: int, randomness: random.Random) -> Floats:
        """The scores of the candidates drawn, the more relevant the likelier; all others -inf.

        Drawn without replacement by exponential keys (Efraimidis and Spirakis, 2006).
        """
        wanted = sum(randomness.random() < self.weight for _ in range(places))
        codes = np.flatnonzero(candidates).tolist()
        result = np.full(len(scores), -np.inf, np.float32)
        if not codes or not wanted:
            return result
        relevance = np.maximum(scores[codes].astype(np.float64), 1e-12)
        weights = (relevance / (1 + self.impressions[codes])).tolist()
        keys = [randomness.expovariate(1.0) / weight for weight in weights]
        for _, code in sorted(zip(keys, codes, strict=True))[:wanted]:
            result[code] = scores[code]
        return result


def exploration_of(inference: Inference, config: Mapping[str, Any]) -> Exploration | None:
    """By a campaign's itemExplorationConfig; None: the recipe or the campaign does not explore."""
    if not inference.recipe.explores:
        return None
    weight, days = settings_of(config)
    if weight <= 0:
        return None
    since: Times = inference.item_since
    shown = inference.impressions
    if shown is None:
        shown = np.zeros(len(since), np.float32)
    return Exploration(weight, since >= inference.newest - days * _DAY, shown)


def settings_of(config: Mapping[str, Any]) -> tuple[float, float]:
    """The weight, and up to which age in days items are new, of a campaign's configuration."""
    chosen = config.get("itemExplorationConfig", {})
    weight = float(chosen.get("explorationWeight", _DEFAULT_WEIGHT))
    return weight, float(chosen.get("explorationItemAgeCutOff", _DEFAULT_AGE_DAYS))


def explored(
    exploration: Exploration, scores: Floats, count: int, randomness: random.Random
) -> tuple[Codes, Floats]:
    """The best `count` items of one row, some places given to explored ones; what comes short is -inf."""
    items, values = top(scores[None], count)
    regular = items[0][values[0] > -np.inf]
    candidates = exploration.candidates(scores, regular.tolist())
    picked = exploration.picked(scores, candidates, len(regular), randomness)
    new = np.flatnonzero(picked > -np.inf)
    if not len(new):
        return items[0], values[0]
    new = new[np.argsort(-scores[new], kind="stable")]
    order = items[0].copy()
    places = sorted(randomness.sample(range(len(regular)), len(new)))
    kept = iter(regular[: len(regular) - len(new)].tolist())
    chosen = iter(new.tolist())
    for place in range(len(regular)):
        order[place] = next(chosen) if place in places else next(kept)
    return order, np.where(np.arange(len(order)) < len(regular), scores[order], -np.inf).astype(np.float32)
