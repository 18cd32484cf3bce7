"""Errors that are told to the caller: problem details of RFC 9457."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Mistake:
    """One thing wrong with a request. where: for example `query.limit` or `body.events[3].type`."""

    where: str
    detail: str


class Problem(Exception):
    """detail: for the caller: what is wrong and what to do. code: for programs, beyond the status.

    It never says anything about users other than the caller, not even whether they exist.
    """

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        mistakes: Sequence[Mistake] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.mistakes = tuple(mistakes)
        self.headers = dict(headers or {})
        if code:
            self.code = code

    def body(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": "about:blank",
            "title": self.status.phrase,
            "status": self.status.value,
            "code": self.code,
            "detail": self.detail,
        }
        if self.mistakes:
            body["errors"] = [{"where": mistake.where, "detail": mistake.detail} for mistake in self.mistakes]
        return body


class BadRequest(Problem):
    status = HTTPStatus.BAD_REQUEST
    code = "invalid_request"


class Unauthorized(Problem):
    status = HTTPStatus.UNAUTHORIZED
    code = "unauthorized"


class Forbidden(Problem):
    status = HTTPStatus.FORBIDDEN
    code = "forbidden"


class NotFound(Problem):
    status = HTTPStatus.NOT_FOUND
    code = "not_found"


class Conflict(Problem):
    status = HTTPStatus.CONFLICT
    code = "conflict"


class Gone(Problem):
    status = HTTPStatus.GONE
    code = "gone"


class TooLarge(Problem):
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    code = "too_large"


class UnsupportedMedia(Problem):
    status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported_media_type"


class Unavailable(Problem):
    """Something behind the API does not answer; trying again helps."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "unavailable"

    def __init__(self, detail: str, *, retry_after_seconds: int = 1) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after_seconds)})


def bad_request(mistakes: Sequence[Mistake]) -> BadRequest:
    """All mistakes of a request at once."""
    what = "; ".join(f"{mistake.where}: {mistake.detail}" for mistake in mistakes[:3])
    more = f"; and {len(mistakes) - 3} more" if len(mistakes) > 3 else ""
    return BadRequest(what + more, mistakes=mistakes)
