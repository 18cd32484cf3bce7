"""Items that are given, in the order in which a user would choose them."""

from collections.abc import Sequence

import numpy as np

from engine.ground.arrays import Floats
from personalize_server.answers.inference import Inference


def ranking_scores(inference: Inference, scores: Floats) -> Floats:
    """With places for newcomers, that filters may take them out."""
    if not len(inference.newcomers):
        return scores
    return np.pad(scores, ((0, 0), (0, len(inference.newcomers))))


def ranked(inference: Inference, scores: Floats, item_ids: Sequence[str]) -> tuple[list[str], list[float]]:
    """The items best first, filtered ones left out, those the model does not know last and with a score of 0.

    The scores of the items sum to 1; `scores` are those of `ranking_scores`.
    """
    codes = inference.codes(item_ids)
    known = len(inference.model.item_ids)
    values = np.array([scores[code] if code >= 0 else 0.0 for code in codes], np.float64)
    order = np.lexsort((inference.ranks[codes], -values))
    best = [at for at in order.tolist() if 0 <= codes[at] < known]
    best = [at for at in best if values[at] > -np.inf]
    others = [at for at, code in enumerate(codes) if not 0 <= code < known and values[at] > -np.inf]
    total = float(values[best].sum()) or 1.0
    names = [item_ids[at] for at in (*best, *others)]
    return names, [*(round(float(values[at]) / total, 7) for at in best), *(0.0 for _ in others)]
