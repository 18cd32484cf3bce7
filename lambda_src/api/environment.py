"""The API functions' environment, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from pipeline.environment import Environment


@dataclass(frozen=True)
class ApiEnvironment(Environment):
    """user_claim: of a caller's token, with the user's id; without a JWT authorizer nobody looks at it."""

    stage: str
    user_claim: str


@cache
def api_environment() -> ApiEnvironment:
    return ApiEnvironment.read()
