"""Every known user's best items, ranked beforehand: most requests need nothing else."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.ranking import top
from engine.ground.threads import blocks
from engine.ground.vocabulary import UNKNOWN
from personalize_server.answers.inference import Inference
from personalize_server.answers.probabilities import Scale
from personalize_server.data.attribute_columns import mapped

LENGTH = 128
MOST_USERS = 200_000
"""lists are kept for so many users, about 1 KB each; the others' are ranked when asked for"""
_BLOCK = 256
_TYPE = "USER_PERSONALIZATION"
_FILES = ("best_items", "best_scores", "best_scales")


@dataclass(frozen=True)
class BestLists:
    """Row r: the best items of user r of an image, best first, with their scores."""

    items: Codes
    scores: Floats
    whole: bool
    """a list has all items that there are"""
    scales: Floats
    """per user what the scores were scaled by, as probabilities.Scale has it"""

    def scale(self, user: int) -> Scale:
        highest, sharpness, total = self.scales[user, :, None, None]
        return Scale(highest, sharpness, total)

    def first(
        self, user: int, count: int, allowed: Callable[[Codes], Mask] | None
    ) -> tuple[list[int], list[float]] | None:
        """The best that are allowed, and their scores.

        None: the list does not tell, or there is none for this user.
        """
        if not 0 <= user < len(self.items):
            return None
        if allowed is None:
            items, scores = self.items[user, :count].tolist(), self.scores[user, :count].tolist()
        else:
            row = self.items[user]
            kept = allowed(row).nonzero()[0][:count]
            items, scores = row.take(kept).tolist(), self.scores[user].take(kept).tolist()
        if not self.whole and (len(items) < count or (count and scores[-1] <= self.scores[user, -1])):
            return None
        return items, scores


_EMPTY = np.empty((0, 0), np.float32)
NONE = BestLists(np.empty((0, 0), np.int32), _EMPTY, whole=False, scales=_EMPTY)


def store(inference: Inference, folder: Path) -> None:
    if inference.recipe.type != _TYPE:
        return
    users = min(len(inference.user_ids), MOST_USERS)

    def work(start: int, stop: int) -> tuple[Codes, Floats, Floats]:
        return _ranked(inference, np.arange(start, stop, dtype=np.int32))

    parts = list(blocks(work, users, size=_BLOCK))
    if parts:
        for name, arrays in zip(_FILES, zip(*parts, strict=True), strict=True):
            np.save(folder / f"{name}.npy", np.concatenate(arrays))


def of_strangers(inference: Inference) -> BestLists:
    """One row, for all of whom nothing is known; only of an inference that has lists of users."""
    items, scores, scales = _ranked(inference, np.array([UNKNOWN], np.int32))
    return BestLists(items, scores, whole=items.shape[1] >= len(inference.model.item_ids), scales=scales)


def _ranked(inference: Inference, rows: Codes) -> tuple[Codes, Floats, Floats]:
    if not inference.recipe.scores:
        return *top(inference.of_users(rows), LENGTH, inference.ranks), np.ones((len(rows), 3), np.float32)
    scores, scale = inference.of_users_scaled(rows)
    return *top(scores, LENGTH, inference.ranks), np.hstack([scale.highest, scale.sharpness, scale.total])


def load(folder: Path, items: int) -> BestLists:
    if not (folder / f"{_FILES[0]}.npy").exists():
        return NONE
    codes, scores, scales = (mapped(folder / f"{name}.npy") for name in _FILES)
    return BestLists(codes, scores, whole=codes.shape[1] >= items, scales=scales)
