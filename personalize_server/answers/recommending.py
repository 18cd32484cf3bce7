"""The list of recommended items: as ranked beforehand or, where that does not do, from all scores."""

import random
from functools import partial

import numpy as np

from engine.ground.arrays import Floats
from personalize_server.answers.asking import Asked
from personalize_server.answers.listing import POPULAR, Listing, listing_of
from personalize_server.answers.restrictions import Restrictions
from personalize_server.facts.errors import InvalidInput
from personalize_server.state.context import Answer, Request


def recommended(
    asked: Asked, restrictions: Restrictions, count: int, randomness: random.Random
) -> list[Answer]:
    """The answer's itemList, with at most `count` entries.

    Raises: InvalidInput, if the request asks for what the recipe or campaign does not offer.
    """
    listing = listing_of(asked.deployment, asked.request, count)
    known = _ranked_beforehand(asked, restrictions, listing, randomness)
    if known is not None:
        return known
    scores = _scores(asked)
    promoted = None
    if listing.promotion is not None:
        promoted = scores.copy()
        restrictions.apply(asked, listing.promotion, promoted)
    restrictions.apply(asked, asked.request, scores)
    cold = asked.recent is None and asked.row < 0
    return listing.entries(scores[0], None if promoted is None else promoted[0], cold, randomness)


def _ranked_beforehand(
    asked: Asked, restrictions: Restrictions, listing: Listing, randomness: random.Random
) -> list[Answer] | None:
    """None: something has happened since that would change the list, or it does not reach."""
    best, inference, exploration = asked.deployment.best, asked.deployment.inference, listing.exploration
    if asked.events or asked.contexts or listing.promotion is not None or not len(best.items):
        return None
    if exploration is not None and exploration.young:
        return None
    restricted = "filterArn" in asked.request or asked.deployment.left_out is not None
    allowed = partial(restrictions.kept, asked, asked.request) if restricted else None
    user, reason = asked.row, None
    if user < 0:
        if not asked.request.get("userId"):
            return None
        best, user, reason = asked.deployment.strangers, 0, POPULAR
    found = best.first(user, listing.count, allowed)
    if found is None:
        return None
    newcomers = None
    if exploration is not None:
        newcomers = inference.of_newcomers(asked.rows, best.scale(user))[0]
        if restricted:
            everything = np.zeros((1, inference.width), np.float32)
            restrictions.apply(asked, asked.request, everything)
            newcomers[everything[0, exploration.known :] < 0] = -np.inf
    return listing.ranked(*found, newcomers, reason, randomness)


def _scores(asked: Asked) -> Floats:
    """1 x items of the model and, where they may be explored, newcomers."""
    inference, request = asked.deployment.inference, asked.request
    match inference.recipe.type:
        case "RELATED_ITEMS":
            influence = asked.deployment.config.get("rankingInfluence")
            return inference.of_items([_needed(request, "itemId")], influence)
        case "PERSONALIZED_RANKING":
            raise InvalidInput("The campaign's recipe is for GetPersonalizedRanking.")
        case "USER_PERSONALIZATION":
            _needed(request, "userId")
            if asked.deployment.exploration is None or not len(inference.newcomers):
                return inference.of_users(asked.rows, asked.recent, asked.contexts)
            scores, scale = inference.of_users_scaled(asked.rows, asked.recent, asked.contexts)
            return np.hstack([scores, inference.of_newcomers(asked.rows, scale, asked.recent)])
        case _:
            return inference.of_users(asked.rows)


def _needed(request: Request, member: str) -> str:
    value = str(request.get(member, ""))
    if not value:
        raise InvalidInput(f"{member} is required by the campaign's recipe.")
    return value
