"""Scores that mean a chance: monotone from a model's raw scores to how often such a pair came true."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Floats, Offsets
from engine.ground.errors import ConfigError

BINS = 100
FEWEST = 50
SUREST = 0.999


@dataclass(frozen=True)
class Calibration:
    """Raw scores (rising) and the chance at each; between them a straight line, beyond them flat.

    The chance is that the user touches the item within as many events as validation held back: with the
    newest tenth of every user held back, within the next ninth of what the user did so far. Of data that
    lacks a share by chance (`among_missing`), it is that the item is in that share.
    """

    scores: tuple[float, ...]
    chances: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.scores) != len(self.chances) or not self.scores:
            raise ConfigError("a calibration needs as many chances as scores, at least one")
        if any(b <= a for a, b in pairwise(self.scores)) or any(b < a for a, b in pairwise(self.chances)):
            raise ConfigError("the scores of a calibration must rise and its chances must not fall")

    def chance(self, scores: Floats) -> Floats:
        """Between 0 and 1, in the shape of the scores; what is excluded (-inf) stays excluded."""
        chances = np.interp(scores, self.scores, self.chances).astype(np.float32)
        return np.where(np.isneginf(scores), scores, chances)


@dataclass(frozen=True)
class ByLength:
    """Calibrations of their own for people with histories of up to so many items (rising), one for each."""

    longest: tuple[int, ...]
    calibrations: tuple[Calibration, ...]

    def chance(self, scores: Floats, lengths: Offsets, otherwise: Calibration) -> Floats:
        """Of rows x items, with the lengths of the rows' histories; `otherwise` for the longer ones."""
        chances = otherwise.chance(scores)
        found = np.searchsorted(self.longest, lengths)
        for at, calibration in enumerate(self.calibrations):
            chances[found == at] = calibration.chance(scores[found == at])
        return chances


def calibrated(scores: Floats, touched: NDArray[np.bool_], bins: int = BINS) -> Calibration | None:
    """From pairs of held-out users: isotonic regression over at most so many bins of equal size.

    None for too few pairs.

    Zadrozny and Elkan, "Transforming Classifier Scores into Accurate Multiclass Probability Estimates" (KDD
    2002), by pooling adjacent violators.
    """
    if len(scores) < FEWEST:
        return None
    order = np.argsort(scores, kind="stable")
    parts = np.array_split(order, min(bins, len(scores) // (FEWEST // 2)))
    means = np.array([scores[part].mean(dtype=np.float64) for part in parts])
    rates = _pooled([float(touched[part].mean()) for part in parts], [len(part) for part in parts])
    first = np.concatenate([[True], np.diff(means) > 0])
    return Calibration(tuple(means[first].tolist()), tuple(np.asarray(rates)[first].tolist()))


def among_missing(found: Calibration, *, held: float, missing: float) -> Calibration:
    """From chances of being among the share `held` of the data to those of being in what the data lacks.

    missing: the share of every user's items that chance has taken away before. Validation counts them as
    misses, so that its chances stay below held (1 - missing) / lost however sure a touch is, with
    lost = 1 - (1 - held)(1 - missing). Of an item not in the history, the odds that the user touches it are
    in proportion to the share of touches that the history lacks: lost in validation, missing afterwards
    (Bayes' rule; labels missing at random as in Elkan and Noto, "Learning Classifiers from Only Positive and
    Unlabeled Data", KDD 2008).
    """
    lost = 1 - (1 - held) * (1 - missing)
    touched = np.minimum(np.array(found.chances) * lost / (held * (1 - missing)), SUREST)
    odds = touched / (1 - touched) * missing / lost
    return Calibration(found.scores, tuple((odds / (1 + odds)).tolist()))


def reliability(
    chances: Floats, touched: NDArray[np.bool_], bins: int = 10
) -> tuple[list[tuple[float, float, int]], float]:
    """(mean chance, rate that came true, pairs) per bin of equal size, and the expected calibration error."""
    parts = [part for part in np.array_split(np.argsort(chances, kind="stable"), bins) if len(part)]
    rows = [(float(chances[part].mean()), float(touched[part].mean()), len(part)) for part in parts]
    error = sum(abs(said - came) * pairs for said, came, pairs in rows) / max(len(chances), 1)
    return rows, error


def _pooled(rates: Sequence[float], sizes: Sequence[int]) -> list[float]:
    stack: list[tuple[float, int, int]] = []  # rate, pairs, bins
    for rate, size in zip(rates, sizes, strict=True):
        block = (rate, size, 1)
        while stack and stack[-1][0] >= block[0]:
            before = stack.pop()
            together = before[1] + block[1]
            mean = (before[0] * before[1] + block[0] * block[1]) / together
            block = (mean, together, before[2] + block[2])
        stack.append(block)
    return [rate for rate, _, bins in stack for _ in range(bins)]
