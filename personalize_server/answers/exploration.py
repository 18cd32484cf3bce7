"""Exploration: some places of a list go to new items that relevance alone would not have put there."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.ranking import top
from personalize_server.answers.inference import Inference

_DEFAULT_WEIGHT = "0.3"
_DEFAULT_AGE_DAYS = "30"
_DAY = 86_400


@dataclass(frozen=True)
class Exploration:
    """`weight` is the chance of a place to be explored, `new` tells the items that may be: young ones.

    First come the items of the model, `known` of them, then the newcomers. The more often an item is in
    `impressions` (per item), the less likely it is to be explored (Amazon Personalize, "Impressions data"):
    its relevance counts as divided by one more than that. By how much is not documented.
    """

    weight: float
    new: Mask
    known: int
    impressions: Floats

    @property
    def young(self) -> bool:
        """May items of the model be explored?"""
        return bool(self.new[: self.known].any())

    def candidates(self, scores: Floats, regular: Sequence[int]) -> Mask:
        """New items that the filter allows and that are not in the list anyway."""
        found = self.new & ~np.isneginf(scores)
        found[list(regular)] = False
        return found

    def picked(self, scores: Floats, candidates: Mask, places: int, randomness: random.Random) -> Floats:
        """The scores of the candidates drawn, the more relevant the likelier; all others -inf.

        Drawn without replacement by exponential keys (Efraimidis and Spirakis, 2006).
        """
        result = np.full(len(scores), -np.inf, np.float32)
        wanted = sum(randomness.random() < self.weight for _ in range(places))
        codes = np.flatnonzero(candidates)
        if not len(codes) or not wanted:
            return result
        relevance = np.maximum(scores[codes].astype(np.float64), 1e-12)
        weights = relevance / (1 + self.impressions[codes])
        keys = np.random.default_rng(randomness.getrandbits(64)).exponential(size=len(codes)) / weights
        drawn = codes[np.argsort(keys, kind="stable")[:wanted]]
        result[drawn] = scores[drawn]
        return result


def exploration_of(
    inference: Inference, config: Mapping[str, Any], new_until: float | None
) -> Exploration | None:
    """By an itemExplorationConfig; None: the recipe or the campaign does not explore, or nothing is new.

    Newcomers count that came before `new_until`, in epoch seconds; None: none does.
    """
    recipe, newcomers = inference.recipe, inference.newcomers
    weight, days = settings_of(config)
    if not recipe.explores or weight <= 0:
        return None
    oldest, known = inference.newest - days * _DAY, len(inference.model.item_ids)
    new = np.zeros(inference.width, np.bool_)
    if recipe.explores_young:
        new[:known] = inference.item_since >= oldest
    if new_until is not None:
        new[known:] = (newcomers.since >= oldest) & (newcomers.arrived < new_until)
    if not new.any():
        return None
    shown = np.zeros(len(new), np.float32)
    if inference.impressions is not None:
        shown[: len(inference.impressions)] = inference.impressions
    return Exploration(weight, new, known, shown)


def settings_of(config: Mapping[str, Any]) -> tuple[float, float]:
    """The weight, and up to which age in days items are new, of a campaign's configuration."""
    chosen = config.get("itemExplorationConfig", {})
    weight = float(chosen.get("explorationWeight", _DEFAULT_WEIGHT))
    return weight, float(chosen.get("explorationItemAgeCutOff", _DEFAULT_AGE_DAYS))


def explored(
    exploration: Exploration,
    scores: Floats,
    count: int,
    randomness: random.Random,
    ranks: Codes | None = None,
) -> tuple[Codes, Floats]:
    """The best `count` items of one row, some given up for explored ones; what comes short is last and -inf.

    `scores` are of the model's items and, where they may be explored, of newcomers; `ranks` say which of two
    with the same score comes first.
    """
    items, values = top(scores[None, : exploration.known], count, ranks)
    regular = items[0][values[0] > -np.inf]
    candidates = exploration.candidates(scores, regular.tolist())
    picked = exploration.picked(scores, candidates, len(regular), randomness)
    new = np.flatnonzero(picked > -np.inf)
    if not len(new):
        return items[0], values[0]
    both = np.concatenate([regular[: len(regular) - len(new)], new])
    order = items[0].copy()
    order[: len(both)] = both[np.argsort(-scores[both], kind="stable")]
    return order, np.where(np.arange(len(order)) < len(both), scores[order], -np.inf).astype(np.float32)
