"""The API's answers with recommendations: a page of a list, a ranking of given items, similar items."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.http.checks import SESSION, Checks
from pipeline.http.problems import Gone, Unavailable
from pipeline.http.request import Request
from pipeline.http.response import Response
from pipeline.serving.asked import Asked
from pipeline.serving.cursors import Cursor
from pipeline.serving.found import Found
from pipeline.serving.pages import Entry, page, ranking
from pipeline.serving.settings import (
    CATALOGUE,
    DEFAULT_LIMIT,
    DIRECTORY,
    EVENTS,
    MOST_EVENTS,
    MOST_EXCLUDED,
    MOST_ITEMS,
    MOST_RANKED,
    NONE,
    SIMILAR,
    UNITS,
    Endpoint,
)
from pipeline.serving.sources import Sources
from pipeline.serving.table import Items, TableFailed

_QUERY = ("limit", "cursor", "exclude")
_SESSION = re.compile(SESSION)


@dataclass(frozen=True)
class Recommendations:
    """told: hears of every answer, for metrics."""

    sources: Sources
    told: Callable[[Endpoint, Found], None]

    def list(self, endpoint: Endpoint, request: Request) -> Response:
        """Raises: BadRequest, Unauthorized, Forbidden, Gone, Unavailable."""
        checks = Checks()
        subject = _subject(endpoint, request, checks)
        unit = _unit(endpoint, request, checks)
        who = UNITS if _names_unit(endpoint) else ()
        touched = (EVENTS,) if endpoint.takes_events else ()
        checks.nothing_else("query", request.query, (*_QUERY, *who, *touched))
        limit = checks.integer(
            "query.limit", request.query.get("limit"), low=1, high=MOST_ITEMS, default=DEFAULT_LIMIT
        )
        exclude = checks.ids("query.exclude", request.query.get("exclude"), most=MOST_EXCLUDED)
        said = request.query.get(EVENTS) if touched else None
        events = _newest_last(checks, f"query.{EVENTS}", said.split(",") if said else [])
        checks.done()
        text = request.query.get("cursor")
        directory, cursor = endpoint.kind == DIRECTORY, Cursor(endpoint.use_case)
        if text:
            cursor = Cursor.decode(text, endpoint.use_case, directory=directory)
        begun_with = _begun(endpoint, cursor) if text else None
        asked = Asked(subject, unit, begun_with, cursor.generation, events)
        without = {*exclude, subject} if endpoint.people or endpoint.kind == SIMILAR else set(exclude)
        found = self._found(endpoint, asked, cursor, limit + len(without))
        without |= found.denied.ids
        begun = replace(cursor, generation=cursor.generation or found.generation, variant=found.variant)
        catalogue = None
        if directory:
            begun, catalogue = self._catalogue(endpoint, begun, found.previous)
            if catalogue and found.source == NONE:
                assert begun.variant
                found = replace(found, source=CATALOGUE, variant=begun.variant, generation=begun.generation)
        made = page(
            found.items,
            catalogue,
            replace(begun, variant=None if begun.variant == endpoint.variant else begun.variant),
            limit=limit,
            without=without,
            longest=None if endpoint.kind == DIRECTORY else endpoint.longest,
        )
        self.told(endpoint, found)
        withheld = _withheld(found, catalogue) if not made.next and len(made.entries) < limit else 0
        body = _body(endpoint, found, made.entries, withheld)
        if made.next:
            body["nextCursor"] = made.next.encode()
        return Response(body)

    def rank(self, endpoint: Endpoint, request: Request) -> Response:
        """Raises: BadRequest, Unauthorized, Forbidden, TooLarge, UnsupportedMedia."""
        checks = Checks()
        subject = _subject(endpoint, request, checks)
        checks.nothing_else("query", request.query, ())
        body = checks.object("body", request.json())
        checks.nothing_else("body", body, ("items", EVENTS) if endpoint.takes_events else ("items",))
        given = checks.id_list("body.items", body.get("items"), most=MOST_RANKED, least=1)
        said = body.get(EVENTS, []) if endpoint.takes_events else []
        events = _newest_last(checks, f"body.{EVENTS}", said)
        checks.done()
        asked = Asked(subject, subject, events=events)
        found = self.sources.find(endpoint, asked, count=_wanted(endpoint, MOST_RANKED))
        self.told(endpoint, found)
        allowed = [id_ for id_ in given if id_ not in found.denied.ids]
        withheld = len(set(given)) - len(set(allowed))
        return Response(_body(endpoint, found, ranking(found.items, allowed), withheld))

    def _found(self, endpoint: Endpoint, asked: Asked, cursor: Cursor, room: int) -> Found:
        """Once a reader is past the matches, only the catalogue is left."""
        if cursor.catalogue is not None:
            return self.sources.catalogue_only(endpoint, asked)
        # One more tells whether there is another page.
        count = _wanted(endpoint, room + len(cursor.shown) + 1)
        return self.sources.find(endpoint, asked, count=count)

    def _catalogue(
        self, endpoint: Endpoint, cursor: Cursor, previous: str | None
    ) -> tuple[Cursor, Items | None]:
        """Of the cursor's variant and generation; on a first page that of the previous one, of another
        variant or the last one known will do. With the cursor of the catalogue that was found.
        """
        memory, begun = self.sources.memory, cursor.catalogue is not None
        try:
            for variant, generation in self._catalogues(endpoint, cursor, previous):
                items = memory.catalogue(endpoint.use_case, variant, generation)
                if items is not None:
                    return replace(cursor, variant=variant, generation=generation), items
        except TableFailed:
            if begun:
                raise Unavailable("The catalogue cannot be read at the moment: try again.") from None
        if begun:
            raise Gone(
                "The catalogue that this cursor belongs to has expired: start without a cursor.",
                code="cursor_expired",
            )
        for variant in dict.fromkeys((str(cursor.variant), *endpoint.variants)):
            last = memory.last_catalogue(endpoint.use_case, variant)
            if last:
                generation, items = last
                return replace(cursor, variant=variant, generation=generation), items
        return cursor, None

    def _catalogues(
        self, endpoint: Endpoint, cursor: Cursor, previous: str | None
    ) -> Iterator[tuple[str, str]]:
        """Variants and generations, in the order in which they are looked for. Raises: TableFailed."""
        variant = str(cursor.variant)
        if cursor.generation:
            yield variant, cursor.generation
        if previous:
            yield variant, previous
        others = [other for other in endpoint.variants if other != variant]
        if others and not cursor.count and cursor.catalogue is None:
            visible = self.sources.memory.look(endpoint.use_case, endpoint.variants).visible
            yield from ((other, visible[other].generation) for other in others if other in visible)


def _withheld(found: Found, catalogue: Items | None) -> int:
    """Items of the list that are left out because they are denied."""
    return len(found.denied.ids.intersection(catalogue)) if catalogue else found.withheld


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


def _newest_last(checks: Checks, where: str, given: Any) -> tuple[str, ...]:
    """Each once, at the place of its last time."""
    known = checks.id_list(where, given, most=MOST_EVENTS)
    return tuple(dict.fromkeys(reversed(given)))[::-1] if known else ()


def _names_unit(endpoint: Endpoint) -> bool:
    """Whether it may be said for whom: where the path has an item, and variants differ."""
    return endpoint.kind == SIMILAR and bool(endpoint.others)


def _unit(endpoint: Endpoint, request: Request, checks: Checks) -> str | None:
    """Who is assigned to an arm: the user, or else the session; None if neither is known.

    Raises: Unauthorized, Forbidden.
    """
    if endpoint.kind != SIMILAR:
        return request.parameters.get("userId")
    if not _names_unit(endpoint):
        return None
    user, session = (request.query.get(name) for name in UNITS)
    if user is not None:
        checks.id("query.userId", user)
        request.caller.check_user(user)
    if session is not None and not _SESSION.fullmatch(session):
        checks.refuse("query.sessionId", f"must match {SESSION}")
    return user or request.caller.user_id or session


def _begun(endpoint: Endpoint, cursor: Cursor) -> str:
    """The variant that pages began with. Raises: Gone, if the use case does not have it any more."""
    variant = cursor.variant or endpoint.variant
    if variant not in endpoint.variants:
        raise Gone("Who made this list is gone: start without a cursor.", code="cursor_expired")
    return variant


def _body(endpoint: Endpoint, found: Found, entries: Sequence[Entry], withheld: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "useCase": endpoint.use_case,
        "source": found.source,
        "variant": found.variant,
        "generation": found.generation,
        "items": [_item(entry, with_match=endpoint.kind == DIRECTORY) for entry in entries],
    }
    if found.arm is not None:
        body["arm"] = found.arm
    if found.experiment is not None:
        body["experiment"] = found.experiment
    if withheld:
        body["withheld"] = withheld
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
