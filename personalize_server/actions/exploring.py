"""Exploration: some places of a list go to actions that too little is known of to have a chance."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

from engine.ground.arrays import Floats, Mask
from personalize_server.actions.data import ActionData
from personalize_server.answers.exploration import settings_of


def chosen(
    data: ActionData,
    chances: Floats,
    allowed: Mask,
    count: int,
    config: Mapping[str, Any],
    randomness: random.Random,
) -> list[int]:
    """`count` of the allowed actions in their order, of which some are drawn from those without a chance.

    config: a campaign's. Each place is explored with the chance explorationWeight, as in lists of items;
    what is drawn stands where its score of 0 puts it.
    """
    order = [action for action in data.order(chances) if allowed[action]]
    weight, days = settings_of(config)
    known = [action for action in order if chances[action] > 0]
    new = data.new(days)
    unknown = [action for action in order if chances[action] <= 0 and new[action]]
    places = min(count, len(order))
    wanted = sum(randomness.random() < weight for _ in range(places)) if known and unknown else 0
    drawn = set(randomness.sample(unknown, min(wanted, len(unknown))))
    return _best(order, drawn, places)


def _best(order: Sequence[int], drawn: set[int], places: int) -> list[int]:
    """All that are drawn, and of the others the first, in order."""
    others = [action for action in order if action not in drawn][: places - len(drawn)]
    kept = drawn.union(others)
    return [action for action in order if action in kept]
