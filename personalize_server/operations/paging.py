"""Pages of a list, with tokens that only this server can read."""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from personalize_server.facts.errors import InvalidNextToken

Entry = TypeVar("Entry")
_LARGEST = 100


def page(
    kind: str, entries: Sequence[Entry], request: Mapping[str, Any], *, position: Callable[[Entry], int]
) -> tuple[list[Entry], str | None]:
    """The request's page of entries ordered by rising position, and the token of the next one."""
    question = _digest(kind, request)
    after, size = beginning(kind, request)
    rest = [entry for entry in entries if position(entry) > after]
    shown = rest[:size]
    return shown, _token(position(shown[-1]), question) if len(rest) > len(shown) else None


def beginning(kind: str, request: Mapping[str, Any]) -> tuple[int, int]:
    """The position that the request's page comes after, and how many entries it has at most."""
    after = _read(request["nextToken"], _digest(kind, request)) if "nextToken" in request else -1
    return after, request.get("maxResults", _LARGEST)


def _digest(kind: str, request: Mapping[str, Any]) -> str:
    """A token is good only for the list and filter it was given out for."""
    asked = {"": kind} | {
        key: value for key, value in request.items() if key not in ("nextToken", "maxResults")
    }
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]


def _token(position: int, question: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([position, question]).encode()).decode()


def _read(token: str, question: str) -> int:
    try:
        position, asked = json.loads(base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise InvalidNextToken("The token is not valid.") from None
    if asked != question or not isinstance(position, int):
        raise InvalidNextToken("The token is not valid for this request.")
    return position
