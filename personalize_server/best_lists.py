"""Every known user's best items, ranked beforehand: most requests need nothing else."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.arrays import Codes, Floats, Mask
from engine.ranking import top
from engine.threads import blocks
from personalize_server.attributes import mapped
from personalize_server.inference import Inference

LENGTH = 128
MOST_USERS = 200_000
"""lists are kept for so many users, about 1 KB each; the others' are ranked when asked for"""
_BLOCK = 256
_TYPE = "USER_PERSONALIZATION"


@dataclass(frozen=True)
class BestLists:
    """Row r: the best items of user r of an image, best first, with their scores."""

    items: Codes
    scores: Floats
    whole: bool
    """a list has all items that there are"""

    def first(self, user: int, count: int, allowed: Mask | None) -> tuple[Codes, Floats] | None:
        """The best that are allowed; None: the list does not tell, or there is none for this user."""
        if not 0 <= user < len(self.items):
            return None
        items, scores = self.items[user], self.scores[user]
        if allowed is not None:
            kept = allowed[items]
            items, scores = items[kept], scores[kept]
        if not self.whole and (len(items) < count or (count and scores[count - 1] <= self.scores[user, -1])):
            return None
        return items[:count], scores[:count]


NONE = BestLists(np.empty((0, 0), np.int32), np.empty((0, 0), np.float32), whole=False)


def store(inference: Inference, folder: Path) -> None:
    if inference.recipe.type != _TYPE:
        return
    users = min(len(inference.user_ids), MOST_USERS)

    def work(start: int, stop: int) -> tuple[Codes, Floats]:
        return top(inference.of_users(np.arange(start, stop, dtype=np.int32)), LENGTH)

    parts = list(blocks(work, users, size=_BLOCK))
    if parts:
        np.save(folder / "best_items.npy", np.concatenate([items for items, _ in parts]))
        np.save(folder / "best_scores.npy", np.concatenate([scores for _, scores in parts]))


def load(folder: Path, items: int) -> BestLists:
    if not (folder / "best_items.npy").exists():
        return NONE
    codes, scores = mapped(folder / "best_items.npy"), mapped(folder / "best_scores.npy")
    return BestLists(codes, scores, whole=codes.shape[1] >= items)
