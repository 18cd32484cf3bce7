"""Lists, rankings and similar items."""

from __future__ import annotations

from pipeline.http.checks import SESSION
from pipeline.names import camel_case
from pipeline.openapi.parts import ID, Json, answers, json_content, path_id, query, ref
from pipeline.serving.settings import (
    BATCH,
    CAMPAIGN,
    CATALOGUE,
    DEFAULT_LIMIT,
    DIRECTORY,
    EVENTS,
    MOST_EVENTS,
    MOST_EXCLUDED,
    MOST_ITEMS,
    MOST_RANKED,
    NONE,
    POPULAR,
    REALTIME,
    SIMILAR,
    ApiSettings,
    Endpoint,
)

_SUMMARIES = {
    "list": "The best items for a user",
    "feed": "The best items for a user, page after page",
    "directory": "All items, those that suit the user best first",
    "similar": "Items like a given one",
}


def paths(settings: ApiSettings) -> Json:
    found: Json = {}
    for endpoint in settings.endpoints:
        found[_path(endpoint.route)] = {"get": _list(endpoint)}
        if endpoint.ranking_route:
            found[_path(endpoint.ranking_route)] = {"post": _ranking(endpoint)}
    return found


def _path(route: str) -> str:
    return route.split(" ")[1]


def _list(endpoint: Endpoint) -> Json:
    whose = (
        path_id("itemId", "The given item")
        if endpoint.kind == SIMILAR
        else path_id("userId", "The user; under a token, the caller")
    )
    limit: Json = {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": DEFAULT_LIMIT}
    return {
        "operationId": _operation(endpoint, "list"),
        "summary": f"{_SUMMARIES[endpoint.kind]}: {endpoint.use_case}",
        "description": _PAGING,
        "parameters": [
            whose,
            query("limit", limit, "Items of this answer"),
            query("cursor", {"type": "string"}, "nextCursor of the last answer, as it is"),
            query("exclude", {"type": "string"}, f"Up to {MOST_EXCLUDED} ids to leave out, joined by commas"),
            *(_UNITS if endpoint.kind == SIMILAR and endpoint.others else ()),
            *(_NEWEST if endpoint.takes_events else ()),
        ],
        "responses": answers(400, 401, 410, 503, s200=ref(_schema(endpoint))),
    }


def _ranking(endpoint: Endpoint) -> Json:
    return {
        "operationId": _operation(endpoint, "rank"),
        "summary": f"The given items, those that suit the user best first: {endpoint.use_case}",
        "description": "Every given item is in the answer once, but for those that are denied. Items that "
        "nothing is known of follow behind the others as they were given, with `matched` false.",
        "parameters": [path_id("userId", "The user; under a token, the caller")],
        "requestBody": {
            "required": True,
            "content": json_content(_WITH_EVENTS if endpoint.takes_events else ref("RankingRequest")),
        },
        "responses": answers(400, 401, 413, 415, s200=ref("Directory")),
    }


def _operation(endpoint: Endpoint, verb: str) -> str:
    return camel_case(f"{verb}_{endpoint.use_case}")


def _schema(endpoint: Endpoint) -> str:
    return "Directory" if endpoint.kind == DIRECTORY else "Recommendations"


def schemas() -> Json:
    return {
        "Recommendations": _answer(ref("Recommendation")),
        "Directory": _answer(ref("DirectoryEntry")),
        "Recommendation": _entry({}),
        "DirectoryEntry": _entry(
            {"matched": {"type": "boolean", "description": "Whether the item was ranked for the user"}}
        ),
        "RankingRequest": _RANKING,
    }


def _answer(item: Json) -> Json:
    return {
        "type": "object",
        "required": ["useCase", "source", "variant", "generation", "items"],
        "additionalProperties": False,
        "properties": {
            "useCase": {"type": "string"},
            "source": {
                "enum": [CAMPAIGN, REALTIME, BATCH, POPULAR, CATALOGUE, NONE],
                "description": "Which source answered: a campaign, a stored model in real time, the stored "
                "list, the items that are popular with everybody, the catalogue in its own order, or none "
                "of them",
            },
            "variant": {"type": "string", "description": "Whose list it is: which engine made it"},
            "arm": {
                "type": "string",
                "description": "Of the experiment, as assigned, whoever answered; none for who takes no part",
            },
            "experiment": {
                "type": "integer",
                "minimum": 1,
                "description": "The experiment's version, for events: by it their arm is found",
            },
            "generation": {
                "type": ["string", "null"],
                "description": "Which complete set of recommendations, by the time its run began",
            },
            "items": {"type": "array", "items": item},
            "nextCursor": {"type": "string", "description": "There is more: ask with this cursor"},
            "withheld": {
                "type": "integer",
                "minimum": 1,
                "description": "Items that are denied at the moment, and left out of a list that is shorter "
                "than was asked for, or of those that were to be ranked",
            },
            "recommendationId": {"type": "string", "description": "Of a real-time answer, for events"},
        },
    }


def _entry(more: Json) -> Json:
    return {
        "type": "object",
        "required": ["id", "rank", *more],
        "additionalProperties": False,
        "properties": {
            "id": ID,
            "rank": {"type": "integer", "minimum": 1, "description": "Place in the whole list"},
            "score": {"type": "number", "description": "Of a real-time answer, where the model tells"},
            **more,
        },
    }


_UNITS = (
    query("userId", ID, "For backends: who is looking, which decides on the arm of an experiment"),
    query(
        "sessionId",
        {"type": "string", "pattern": f"^{SESSION}$"},
        "Who is looking while nobody is signed in, as in events",
    ),
)
_EVENTS = f"Up to {MOST_EVENTS} ids of items that the user has just touched, oldest first"
_NEWEST = (query(EVENTS, {"type": "string"}, f"{_EVENTS}, joined by commas"),)
_RANKING: Json = {
    "type": "object",
    "required": ["items"],
    "additionalProperties": False,
    "properties": {
        "items": {"type": "array", "minItems": 1, "maxItems": MOST_RANKED, "items": ID},
    },
}
_WITH_EVENTS: Json = {
    **_RANKING,
    "properties": {
        **_RANKING["properties"],
        EVENTS: {"type": "array", "maxItems": MOST_EVENTS, "items": ID, "description": _EVENTS},
    },
}
_PAGING = (
    "A first page (without a cursor) is always answered: `source` says by whom. Pages that follow belong to "
    "the generation of the first one, and no item comes twice. When that generation has expired the answer "
    "is 410 with the code cursor_expired: start again without a cursor."
)
