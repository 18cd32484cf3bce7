"""An answer, and how API Gateway wants it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.http.problems import MEDIA_TYPE, Problem

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
PRIVATE = "private, no-store"
"""What is of one user is kept by nobody on the way."""


@dataclass(frozen=True)
class Response:
    """body: anything that JSON can say, or a text of another media type; None for an answer without one."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    media_type: str = "application/json"

    @classmethod
    def of(cls, problem: Problem) -> Response:
        return cls(problem.body(), problem.status.value, problem.headers, MEDIA_TYPE)

    def as_event(self) -> dict[str, Any]:
        headers = {"cache-control": PRIVATE, **{name.lower(): value for name, value in self.headers.items()}}
        if self.body is None:
            return {"statusCode": self.status, "headers": headers}
        headers["content-type"] = self.media_type
        return {"statusCode": self.status, "headers": headers, "body": self._text()}

    def _text(self) -> str:
        """Anything but JSON is a text already."""
        return _encode(self.body) if "json" in self.media_type else str(self.body)
