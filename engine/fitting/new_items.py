"""Is what is known of items to be trusted, where they are new? Asked of items that are treated as new."""

import numpy as np

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.ground.arrays import Codes
from engine.ground.ranking import standings
from engine.scorers.scorer import Scorer

HELD = 0.2
"""of the items, treated as if nobody had touched them"""
MOST_ITEMS = 2_000
MOST_PEOPLE = 500
MOST_CELLS = 20_000_000
"""people x items"""
FEWEST_PEOPLE = 20
"""of fewer nothing is concluded"""
CONFIDENCE = 2.0
"""standard errors above chance"""


def speaks(data: TrainingData, content: Scorer, *, seed: int) -> bool:
    """Does content alone put items that people touched above those they did not?

    Per person the mean standing (0 to 1, a half by chance: the area under the ROC curve) of the touched ones
    among all items treated as new, told by the rest of the person's items, less what it says to everybody:
    that a few popular items are of a common kind may be chance, and would be seen in all people alike.
    content: of metadata alone. Where too few can be asked, it is given the benefit of the doubt.
    """
    rng = np.random.default_rng(seed)
    touched = np.flatnonzero(data.memory.popularity > 0)
    held = np.sort(rng.permutation(touched)[: min(int(len(touched) * HELD), MOST_ITEMS)])
    is_held = np.zeros(len(data.memory.popularity), np.bool_)
    is_held[held] = True
    known, asked = (data.pairs.where(mask[data.pairs.items]) for mask in (~is_held, is_held))
    able = np.flatnonzero((_counts(known) > 0) & (_counts(asked) > 0)).astype(np.int32)
    if len(able) < FEWEST_PEOPLE:
        return True
    most = max(min(MOST_PEOPLE, MOST_CELLS // len(is_held)), FEWEST_PEOPLE)
    people = np.sort(rng.permutation(able)[:most])
    scores = content.scores(known.as_histories().take(people), people)[:, held]
    scores -= scores.mean(axis=0)
    right = asked.as_histories().take(people)
    found = np.array(
        [
            standings(row)[np.searchsorted(held, right.items[start:stop])].mean()
            for row, start, stop in zip(scores, right.offsets[:-1], right.offsets[1:], strict=True)
        ]
    )
    return bool(found.mean() - 0.5 > CONFIDENCE * found.std() / len(found) ** 0.5)


def _counts(pairs: Interactions) -> Codes:
    return np.bincount(pairs.users, minlength=len(pairs.user_ids)).astype(np.int32)
