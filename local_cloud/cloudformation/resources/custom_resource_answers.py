"""Where custom resources send their answers: the ResponseURL."""

import json
import uuid
from dataclasses import dataclass, field
from threading import Condition
from typing import Any

from local_cloud.ground.settings import Settings

PATH = "/_local/custom-resource"


@dataclass
class _Answers:
    awaited: set[str] = field(default_factory=set)
    received: dict[str, dict[str, Any]] = field(default_factory=dict)
    arrived: Condition = field(default_factory=Condition)


_answers = _Answers()


def expect(settings: Settings) -> tuple[str, str]:
    """(token, ResponseURL) for one request."""
    token = uuid.uuid4().hex
    with _answers.arrived:
        _answers.awaited.add(token)
    return token, f"{settings.endpoint_url}{PATH}/{token}"


def wait(token: str, seconds: float) -> dict[str, Any] | None:
    """The answer, or None if there is none in that time; the URL is void afterwards."""
    with _answers.arrived:
        _answers.arrived.wait_for(lambda: token in _answers.received, seconds)
        _answers.awaited.discard(token)
        return _answers.received.pop(token, None)


def receive(method: str, token: str, body: bytes) -> tuple[int, bytes]:
    """A request to a ResponseURL."""
    if method != "PUT":
        return 405, b""
    with _answers.arrived:
        if token not in _answers.awaited:
            return 403, b'{"message": "nobody waits for this answer"}'
        try:
            _answers.received[token] = json.loads(body)
        except ValueError:
            return 400, b'{"message": "not JSON"}'
        _answers.arrived.notify_all()
    return 200, b""
