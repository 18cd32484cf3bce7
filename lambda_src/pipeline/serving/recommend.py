"""The API's answers with recommendations: a page of a list, a ranking of given items, similar items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.http.checks import Checks
from pipeline.http.problems import Gone, Unavailable
from pipeline.http.request import Request
from pipeline.http.response import Response
from pipeline.serving.cursors import Cursor
from pipeline.serving.pages import Entry, page, ranking
from pipeline.serving.settings import (
    CATALOGUE,
    DEFAULT_LIMIT,
    DIRECTORY,
    MOST_EXCLUDED,
    MOST_ITEMS,
    MOST_RANKED,
    NONE,
    SIMILAR,
    Endpoint,
)
from pipeline.serving.sources import Found, Sources
from pipeline.serving.table import Items, TableFailed

_QUERY = ("limit", "cursor", "exclude")


@dataclass(frozen=True)
class Recommendations:
    """told: hears of every answer, for metrics."""

    sources: Sources
    told: Callable[[Endpoint, Found], None]

    def list(self, endpoint: Endpoint, request: Request) -> Response:
        """Raises: BadRequest, Unauthorized, Forbidden, Gone, Unavailable."""
        checks = Checks()
        subject = _subject(endpoint, request, checks)
        checks.nothing_else("query", request.query, _QUERY)
        limit = checks.integer(
            "query.limit", request.query.get("limit"), low=1, high=MOST_ITEMS, default=DEFAULT_LIMIT
        )
        exclude = checks.ids("query.exclude", request.query.get("exclude"), most=MOST_EXCLUDED)
        checks.done()
        text = request.query.get("cursor")
        cursor = Cursor.decode(text, endpoint.use_case) if text else Cursor(endpoint.use_case)
        without = {*exclude, subject} if endpoint.people or endpoint.kind == SIMILAR else set(exclude)
        found = self._found(endpoint, subject, cursor, limit + len(without))
        generation, catalogue = cursor.generation or found.generation, None
        if endpoint.kind == DIRECTORY:
            generation, catalogue = self._catalogue(endpoint, generation, cursor, found.previous)
            if catalogue and found.source == NONE:
                found = replace(found, source=CATALOGUE, generation=generation)
        made = page(
            found.items,
            catalogue,
            replace(cursor, generation=generation),
            limit=limit,
            without=without,
            longest=None if endpoint.kind == DIRECTORY else endpoint.longest,
        )
        self.told(endpoint, found)
        body = _body(endpoint, found, made.entries)
        if made.next:
            body["nextCursor"] = made.next.encode()
        return Response(body)

    def rank(self, endpoint: Endpoint, request: Request) -> Response:
        """Raises: BadRequest, Unauthorized, Forbidden, TooLarge, UnsupportedMedia."""
        checks = Checks()
        subject = _subject(endpoint, request, checks)
        checks.nothing_else("query", request.query, ())
        body = checks.object("body", request.json())
        checks.nothing_else("body", body, ("items",))
        given = checks.id_list("body.items", body.get("items"), most=MOST_RANKED, least=1)
        checks.done()
        found = self.sources.find(endpoint, subject, count=_wanted(endpoint, MOST_RANKED))
        self.told(endpoint, found)
        return Response(_body(endpoint, found, ranking(found.items, given)))

    def _found(self, endpoint: Endpoint, subject: str, cursor: Cursor, room: int) -> Found:
        """Once a reader is past the matches, only the catalogue is left."""
        if cursor.catalogue is not None:
            return Found((), CATALOGUE, cursor.generation)
        # One more tells whether there is another page.
        count = _wanted(endpoint, room + len(cursor.shown) + 1)
        return self.sources.find(endpoint, subject, count=count, pinned=cursor.generation)

    def _catalogue(
        self, endpoint: Endpoint, generation: str | None, cursor: Cursor, previous: str | None
    ) -> tuple[str | None, Items | None]:
        """Of the generation; on a first page that of the previous or the last one known will do. With its
        generation.
        """
        memory, begun = self.sources.memory, cursor.catalogue is not None
        items = None
        try:
            if generation:
                items = memory.catalogue(endpoint.use_case, endpoint.variant, generation)
            if items is None and previous:
                items = memory.catalogue(endpoint.use_case, endpoint.variant, previous)
                generation = previous if items else generation
        except TableFailed:
            if begun:
                raise Unavailable("The catalogue cannot be read at the moment: try again.") from None
        if items is not None:
            return generation, items
        if begun:
            raise Gone(
                "The catalogue that this cursor belongs to has expired: start without a cursor.",
                code="cursor_expired",
            )
        return memory.last_catalogue(endpoint.use_case, endpoint.variant) or (generation, None)


def _wanted(endpoint: Endpoint, least: int) -> int:
    """A directory is ranked as far as a model can."""
    return MOST_RANKED if endpoint.kind == DIRECTORY else min(MOST_RANKED, least)


def _subject(endpoint: Endpoint, request: Request, checks: Checks) -> str:
    """The user, who must be the caller, or the item. Raises: Unauthorized, Forbidden."""
    if endpoint.kind == SIMILAR:
        return checks.id("path.itemId", request.parameters.get("itemId"))
    user = checks.id("path.userId", request.parameters.get("userId"))
    request.caller.check_user(request.parameters.get("userId", ""))
    return user


def _body(endpoint: Endpoint, found: Found, entries: Sequence[Entry]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "useCase": endpoint.use_case,
        "source": found.source,
        "variant": endpoint.variant,
        "generation": found.generation,
        "items": [_item(entry, with_match=endpoint.kind == DIRECTORY) for entry in entries],
    }
    if found.recommendation_id:
        body["recommendationId"] = found.recommendation_id
    return body


def _item(entry: Entry, *, with_match: bool) -> dict[str, Any]:
    item: dict[str, Any] = {"id": entry.item.id, "rank": entry.rank}
    if entry.item.score is not None:
        item["score"] = entry.item.score
    if with_match:
        item["matched"] = entry.matched
    return item
