"""What may not be recommended: what the recipe leaves out, and what a request's filter forbids."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.ground.arrays import Codes, Floats, Mask
from personalize_server.answers.asking import Asked
from personalize_server.facts.errors import InvalidInput
from personalize_server.filters.applying import Newer, Parameters
from personalize_server.filters.grammar import Filter, FilterError
from personalize_server.filters.parser import parse_filter
from personalize_server.state.context import Caller, Context, Request
from personalize_server.state.store import Record

_FRESH_SECONDS = 1.0
_REMEMBERED = 500


class KnownFilters:
    """Filters that have been asked for, each remembered for a moment or until a resource changes."""

    def __init__(self) -> None:
        self._filters: dict[tuple[str, Caller], tuple[int, float, Record, Filter]] = {}

    def of(
        self, context: Callable[[], Context], caller: Caller, revision: int, arn: str
    ) -> tuple[Record, Filter]:
        """The resource and what it says; `context` is the caller's, `revision` that of the store.

        Raises: ResourceNotFound, if there is none; InvalidInput, if it is not ACTIVE.
        """
        key, now = (arn, caller), time.monotonic()
        known = self._filters.get(key)
        if known is not None and known[0] == revision and now < known[1]:
            return known[2], known[3]
        asked = context()
        record = asked.find("Filter", arn)
        if not asked.active(record):
            raise InvalidInput(f"Resource Arn {record.arn} is not ACTIVE, it is {asked.status(record)}.")
        filter_ = _parsed(record.body["filterExpression"])
        if len(self._filters) >= _REMEMBERED:
            self._filters.clear()
        self._filters[key] = (revision, now + _FRESH_SECONDS, record, filter_)
        return record, filter_


@lru_cache(_REMEMBERED)
def _parsed(expression: str) -> Filter:
    """The same object for the same text, by which other things are remembered."""
    return parse_filter(expression)


@dataclass(frozen=True)
class Restrictions:
    """As the caller's filters are now."""

    filters: KnownFilters
    context: Callable[[], Context]
    """the caller's"""
    caller: Caller
    revision: int
    """the store's"""

    def apply(self, asked: Asked, chosen: Request, scores: Floats) -> None:
        """Takes out of the scores (1 x items), in place, what may not be recommended.

        `chosen` has the filterArn and filterValues: the request, or a promotion of it.
        Raises: InvalidInput, if the filter does not fit the campaign or its values the filter.
        """
        apply = asked.deployment.inference.filters.apply
        for filter_, parameters, newer in self._of(asked, chosen):
            try:
                apply(scores, filter_, parameters, asked.filter_rows, newer, asked.item)
            except FilterError as problem:
                raise InvalidInput(str(problem)) from None

    def kept(self, asked: Asked, chosen: Request, items: Codes) -> Mask:
        """Which of these items `apply` would leave. Raises: InvalidInput, as that."""
        kept = asked.deployment.inference.filters.kept
        found: Mask | None = None
        for filter_, parameters, newer in self._of(asked, chosen):
            try:
                left = kept(items, filter_, parameters, asked.filter_row, newer, asked.item)
            except FilterError as problem:
                raise InvalidInput(str(problem)) from None
            found = left if found is None else found & left
        return np.ones(len(items), np.bool_) if found is None else found

    def _of(self, asked: Asked, chosen: Request) -> Iterator[tuple[Filter, Parameters, Newer]]:
        """The filters that count, with their values and the newest events as far as they look at any."""
        left_out = asked.deployment.left_out
        if left_out is not None:
            yield left_out, (), asked.newer
        if "filterArn" not in chosen:
            return
        record, filter_ = self.filters.of(self.context, self.caller, self.revision, chosen["filterArn"])
        if record.links["datasetGroupArn"] != asked.deployment.group_arn:
            raise InvalidInput("The filter must be of the campaign's dataset group.")
        if filter_.about_item and asked.deployment.inference.recipe.type != "RELATED_ITEMS":
            raise InvalidInput("A filter by CurrentItem is only for recommendations of related items.")
        values = chosen.get("filterValues")
        parameters = tuple(sorted(values.items())) if values else ()
        yield filter_, parameters, asked.newer if filter_.about_interactions else ()
