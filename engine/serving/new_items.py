"""Places in lists for items that nobody has touched yet, which only what is known of them can speak for."""

import numpy as np

from engine.ground.arrays import Codes, Floats, Mask
from engine.ground.ranking import EXCLUDED, top


def places(n: int, share: float) -> int:
    """Of a list of n, rounded to the nearest whole; halves upwards."""
    return int(n * share + 0.5)


def with_new_items(
    items: Codes, values: Floats, scores: Floats, new: Mask, wanted: int, ranks: Codes
) -> tuple[Codes, Floats]:
    """Lists (rows x n, their values beside them) with `wanted` new items each, or as many as there are.

    Those that are in a list anyway count and stay where they are. The others, by falling score, come last,
    in place of the known items that were last there. scores: rows x all items, what is not to be recommended
    at -inf; an item with a score of 0 or below has nothing that speaks for it. ranks: which of two columns
    with the same score comes first.
    """
    valid = values > EXCLUDED
    is_new = new[items] & valid
    candidates = np.where(new & (scores > 0), scores, EXCLUDED)
    candidates[np.arange(len(items))[:, None], items] = EXCLUDED
    found, strengths = top(candidates, min(wanted, items.shape[1]), ranks)
    more = np.minimum(np.maximum(wanted - is_new.sum(axis=1), 0), (strengths > EXCLUDED).sum(axis=1))
    known = valid & ~is_new
    from_last = np.cumsum(known[:, ::-1], axis=1)[:, ::-1]
    room = (~valid).sum(axis=1)  # a list that is short anyway gives up nothing
    given_up = known & (from_last <= np.maximum(more - room, 0)[:, None])
    kept = valid & ~given_up
    more = np.minimum(more, items.shape[1] - kept.sum(axis=1))
    place = np.arange(items.shape[1])
    order = np.argsort(~kept, axis=1, kind="stable")
    behind = place - kept.sum(axis=1)[:, None]
    is_added = (behind >= 0) & (behind < more[:, None])
    added = np.clip(behind, 0, found.shape[1] - 1)
    all_items = np.where(is_added, np.take_along_axis(found, added, 1), np.take_along_axis(items, order, 1))
    all_values = np.where(
        is_added, np.take_along_axis(strengths, added, 1), np.take_along_axis(values, order, 1)
    )
    all_values[(behind >= 0) & ~is_added] = EXCLUDED
    return all_items.astype(np.int32), all_values.astype(np.float32)
