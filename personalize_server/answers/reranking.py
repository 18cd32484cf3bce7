"""The answer to GetPersonalizedRanking: given items, in the order in which a user would choose them."""

from collections.abc import Sequence

from personalize_server.answers.asking import Asked
from personalize_server.answers.listing import metadata_columns, with_metadata
from personalize_server.answers.ranking import ranked, ranking_scores
from personalize_server.answers.restrictions import Restrictions
from personalize_server.facts.errors import InvalidInput
from personalize_server.state.context import Answer


def reranked(asked: Asked, restrictions: Restrictions, items: Sequence[str]) -> list[Answer]:
    """The answer's personalizedRanking; an item that is given twice comes once.

    Raises: InvalidInput, if the campaign is for something else, or lacks what the request asks for.
    """
    inference = asked.deployment.inference
    if inference.recipe.type != "PERSONALIZED_RANKING":
        raise InvalidInput("The campaign's recipe is not for GetPersonalizedRanking.")
    columns = metadata_columns(asked.deployment, asked.request)
    scores = ranking_scores(inference, inference.of_users(asked.rows, asked.recent, asked.contexts))
    restrictions.apply(asked, asked.request, scores)
    names, values = ranked(inference, scores[0], list(dict.fromkeys(items)))
    listed: list[Answer] = [
        {"itemId": name, "score": value} for name, value in zip(names, values, strict=True)
    ]
    with_metadata(inference, listed, columns)
    return listed
