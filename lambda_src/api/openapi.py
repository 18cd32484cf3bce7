"""Entry: the API's description; nobody needs credentials to read it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from api.entry import entry
from pipeline.environment import Environment
from pipeline.http.request import Request
from pipeline.http.response import Response
from pipeline.openapi.document import ROUTE, document
from pipeline.serving.settings import ApiSettings


@dataclass(frozen=True)
class _Environment(Environment):
    """api: see ApiSettings."""

    api: str


@cache
def _response() -> Response:
    settings = ApiSettings.from_json(_Environment.read().api)
    return Response(document(settings), headers={"Cache-Control": "public, max-age=300"})


def describe(_request: Request) -> Response:
    return _response()


lambda_handler = entry({ROUTE: describe})
