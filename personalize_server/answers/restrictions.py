"""What may not be recommended: what the recipe leaves out, and what a request's filter forbids."""

import time
from dataclasses import dataclass

from engine.ground.arrays import Floats
from personalize_server.answers.asking import Asked
from personalize_server.facts.errors import InvalidInput
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

    def of(self, context: Context, revision: int, arn: str) -> tuple[Record, Filter]:
        """The resource and what it says; `revision` is that of the store.

        Raises: ResourceNotFound, if there is none; InvalidInput, if it is not ACTIVE.
        """
        key, now = (arn, context.caller), time.monotonic()
        known = self._filters.get(key)
        if known is not None and known[0] == revision and now < known[1]:
            return known[2], known[3]
        record = context.find("Filter", arn)
        if not context.active(record):
            raise InvalidInput(f"Resource Arn {record.arn} is not ACTIVE, it is {context.status(record)}.")
        filter_ = parse_filter(record.body["filterExpression"])
        if len(self._filters) >= _REMEMBERED:
            self._filters.clear()
        self._filters[key] = (revision, now + _FRESH_SECONDS, record, filter_)
        return record, filter_


@dataclass(frozen=True)
class Restrictions:
    """As the caller's filters are now."""

    filters: KnownFilters
    context: Context
    revision: int
    """the store's"""

    def apply(self, asked: Asked, chosen: Request, scores: Floats) -> None:
        """Takes out of the scores (1 x items), in place, what may not be recommended.

        `chosen` has the filterArn and filterValues: the request, or a promotion of it.
        Raises: InvalidInput, if the filter does not fit the campaign or its values the filter.
        """
        inference = asked.deployment.inference
        left_out = asked.deployment.left_out
        if left_out is not None:
            inference.filters.apply(scores, left_out, (), asked.filter_rows, asked.newer, asked.item)
        if "filterArn" not in chosen:
            return
        record, filter_ = self.filters.of(self.context, self.revision, chosen["filterArn"])
        if record.links["datasetGroupArn"] != asked.deployment.group_arn:
            raise InvalidInput("The filter must be of the campaign's dataset group.")
        if filter_.about_item and inference.recipe.type != "RELATED_ITEMS":
            raise InvalidInput("A filter by CurrentItem is only for recommendations of related items.")
        parameters = tuple(sorted(chosen.get("filterValues", {}).items()))
        newer = asked.newer if filter_.about_interactions else ()
        try:
            inference.filters.apply(scores, filter_, parameters, asked.filter_rows, newer, asked.item)
        except FilterError as problem:
            raise InvalidInput(str(problem)) from None
