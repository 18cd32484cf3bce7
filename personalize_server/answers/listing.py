"""From a score for every item to the list of an answer: promotions, exploration, metadata, reasons."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engine.ground.arrays import Floats
from engine.ground.ranking import top
from personalize_server.answers.deployments import Deployment
from personalize_server.answers.exploration import Exploration
from personalize_server.answers.inference import Inference
from personalize_server.facts.errors import InvalidInput
from personalize_server.state.context import Answer, Request

PROMOTED, EXPLORED, POPULAR = "Promoted item", "Exploration", "Popular item"
_PROMOTING = ("USER_PERSONALIZATION", "RELATED_ITEMS", "POPULAR_ITEMS")
_MOST_COLUMNS = 10
_CELL_LENGTH = 20_000
_DIGITS = 7
_SHARES = 10.0**_DIGITS
_Best: TypeAlias = tuple[list[int], list[float]]
"""codes of items and their scores, best first"""


@dataclass(frozen=True, kw_only=True)
class Listing:
    """How to make the list that a request asks for."""

    inference: Inference
    count: int
    promotion: Request | None
    columns: Sequence[str]
    exploration: Exploration | None

    def entries(
        self, scores: Floats, promoted: Floats | None, cold: bool, randomness: random.Random
    ) -> list[Answer]:
        """`scores` and `promoted` are what the filters of the request and of the promotion leave.

        `scores` are of the model's items and, where they may be explored, of newcomers. The list is in the
        order of its scores, but promoted items, in their own order, come at random places.
        """
        known = len(self.inference.model.item_ids)
        if self.promotion is None and self.exploration is None:
            return self._shown(*self._best(scores, self.count), POPULAR if cold else None)
        special: list[Answer] = []
        if promoted is not None and self.promotion is not None:
            if self.exploration is not None:
                promoted[known:][~self.exploration.new[known : len(promoted)]] = -np.inf
            wanted = round(self.count * self.promotion["percentPromotedItems"] / 100)
            special, chosen = self._chosen(promoted, wanted, PROMOTED)
            scores[chosen] = -np.inf
            if "name" in self.promotion:
                for entry in special:
                    entry["promotionName"] = self.promotion["name"]
        room = self.count - len(special)
        explored: _Best = ([], [])
        if self.exploration is not None:
            explored = self._explored(self._best(scores[:known], room)[0], scores, room, randomness)
            scores[explored[0]] = -np.inf
        rest = self._best(scores[:known], room - len(explored[0]))
        return _mixed(self._merged(rest, explored, POPULAR if cold else None), special, randomness)

    def ranked(
        self,
        codes: list[int],
        scores: list[float],
        newcomers: Floats | None,
        reason: str | None,
        randomness: random.Random,
    ) -> list[Answer]:
        """A list as it is, its last items given up for newcomers, by their scores, that are explored."""
        values = [round(score * _SHARES) / _SHARES for score in scores]  # as numpy rounds
        if newcomers is None or self.exploration is None:
            return self._shown(codes, values, reason)
        nothing = np.full(self.exploration.known, -np.inf, np.float32)
        explored = self._explored(codes, np.concatenate([nothing, newcomers]), len(codes), randomness)
        kept = len(codes) - len(explored[0])
        return self._merged((codes[:kept], values[:kept]), explored, reason)

    def _explored(
        self, regular: Sequence[int], scores: Floats, places: int, randomness: random.Random
    ) -> _Best:
        """What is explored on some of the places."""
        assert self.exploration is not None
        candidates = self.exploration.candidates(scores, regular)
        picked = self.exploration.picked(scores, candidates, places, randomness)
        return self._best(picked, places)

    def _merged(self, regular: _Best, explored: _Best, reason: str | None) -> list[Answer]:
        """Both by score, the regular ones first where it is the same."""
        entries = self._shown(*regular, reason) + self._shown(*explored, EXPLORED)
        scores = regular[1] + explored[1]
        return [entries[at] for at in sorted(range(len(entries)), key=lambda at: -scores[at])]

    def _best(self, scores: Floats, count: int) -> _Best:
        items, values = top(scores[None], count, self.inference.ranks)
        kept = int((values[0] > -np.inf).sum())
        exact = np.round(values[0, :kept].astype(np.float64), _DIGITS).tolist()
        return items[0, :kept].tolist(), exact

    def _chosen(self, scores: Floats, count: int, reason: str) -> tuple[list[Answer], list[int]]:
        items, values = self._best(scores, count)
        return self._shown(items, values, reason), items

    def _shown(self, items: list[int], values: list[float], reason: str | None) -> list[Answer]:
        inference = self.inference
        names = inference.names(items)
        listed: list[Answer]
        if inference.recipe.scores:
            listed = [{"itemId": name, "score": value} for name, value in zip(names, values, strict=True)]
        else:
            listed = [{"itemId": name} for name in names]
        if reason is not None and inference.recipe.reasons:
            for entry in listed:
                entry["reason"] = [reason]
        with_metadata(inference, listed, self.columns, items)
        return listed


def listing_of(deployment: Deployment, request: Request, count: int) -> Listing:
    """Raises: InvalidInput, if the request asks for what the recipe or campaign does not offer."""
    inference = deployment.inference
    promotion = None
    if request.get("promotions"):
        [promotion] = request["promotions"]
        if inference.recipe.type not in _PROMOTING:
            raise InvalidInput(f"The recipe {inference.recipe.name} does not support promotions.")
        missing = [name for name in ("filterArn", "percentPromotedItems") if name not in promotion]
        if missing:
            raise InvalidInput(f"A promotion needs {' and '.join(missing)}.")
    return Listing(
        inference=inference,
        count=count,
        promotion=promotion,
        columns=metadata_columns(deployment, request),
        exploration=deployment.exploration,
    )


def metadata_columns(deployment: Deployment, request: Request) -> Sequence[str]:
    """The item columns that a request wants to see. Raises: InvalidInput, if it cannot."""
    wanted = request.get("metadataColumns")
    if not wanted:
        return ()
    if set(wanted) != {"ITEMS"}:
        raise InvalidInput("The only key of metadataColumns is ITEMS.")
    columns: list[str] = wanted["ITEMS"]
    if not deployment.config.get("enableMetadataWithRecommendations"):
        raise InvalidInput("enableMetadataWithRecommendations is not set for the campaign or recommender.")
    if len(columns) > _MOST_COLUMNS:
        raise InvalidInput(f"metadataColumns can name at most {_MOST_COLUMNS} columns.")
    items = deployment.inference.filters.items
    missing = [column for column in columns if items.find(column) is None]
    if missing:
        raise InvalidInput(f"The Items dataset has no column {', '.join(missing)}.")
    return columns


def with_metadata(
    inference: Inference, listed: list[Answer], columns: Sequence[str], items: Sequence[int] | None = None
) -> None:
    """Adds the cells of the named columns to entries; `items` are their codes."""
    if not columns:
        return
    codes = items if items is not None else inference.codes([entry["itemId"] for entry in listed])
    for entry, code in zip(listed, codes, strict=True):
        cells = {name: _cell(inference, name, code) for name in columns} if code >= 0 else {}
        entry["metadata"] = {name: text for name, text in cells.items() if text}


def _cell(inference: Inference, name: str, code: int) -> str:
    column = inference.filters.items.find(name)
    return column.text(code)[:_CELL_LENGTH] if column is not None else ""


def _mixed(regular: list[Answer], special: list[Answer], randomness: random.Random) -> list[Answer]:
    if not special:
        return regular
    whole = len(regular) + len(special)
    places = set(randomness.sample(range(whole), len(special)))
    others, ours = iter(regular), iter(special)
    return [next(ours) if place in places else next(others) for place in range(whole)]
