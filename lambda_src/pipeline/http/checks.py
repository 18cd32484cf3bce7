"""Checks of what callers send: every mistake of a request is found before the first one is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pipeline.http.problems import Mistake, bad_request

LONGEST_ID = 256
SESSION = r"[A-Za-z0-9_-]{16,128}"
"""The id of somebody who is not signed in: long and random, since whoever knows it can speak for it."""
_ID = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,256}")
_INTEGER = re.compile(r"[0-9]{1,9}")
_ID_RULE = f"must be an id of 1 to {LONGEST_ID} characters without control characters"


def is_id(value: object) -> bool:
    """Ids are the application's own; Amazon Personalize takes up to 256 characters."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        return False
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


class Checks:
    """Collects mistakes; what is mistaken comes back as a harmless value, and `done` raises."""

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []

    def refuse(self, where: str, detail: str) -> None:
        self.mistakes.append(Mistake(where, detail))

    def id(self, where: str, value: object) -> str:
        if not is_id(value):
            self.refuse(where, "is missing" if value is None else _ID_RULE)
            return ""
        return str(value)

    def ids(self, where: str, text: str | None, *, most: int) -> tuple[str, ...]:
        """Ids joined by commas."""
        if not text:
            return ()
        values = tuple(dict.fromkeys(text.split(",")))
        if len(values) > most:
            self.refuse(where, f"must name {most} ids at most, not {len(values)}")
            return ()
        return self.id_list(where, list(values), most=most)

    def id_list(self, where: str, value: object, *, most: int, least: int = 0) -> tuple[str, ...]:
        """A JSON list of ids, each once."""
        if not isinstance(value, list) or not least <= len(value) <= most:
            self.refuse(where, f"must be a list of {least} to {most} ids")
            return ()
        wrong = [number for number, element in enumerate(value) if not is_id(element)]
        for number in wrong:
            self.refuse(f"{where}[{number}]", _ID_RULE)
        return () if wrong else tuple(dict.fromkeys(value))

    def integer(self, where: str, text: str | None, *, low: int, high: int, default: int) -> int:
        if text is None:
            return default
        if not _INTEGER.fullmatch(text) or not low <= int(text) <= high:
            self.refuse(where, f"must be a whole number from {low} to {high}")
            return default
        return int(text)

    def object(self, where: str, value: object) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            self.refuse(where, "must be an object")
            return {}
        return value

    def nothing_else(self, where: str, given: Mapping[str, Any], known: tuple[str, ...]) -> None:
        """A misspelt parameter that is silently ignored is worse than an error."""
        for name in given:
            if name not in known:
                self.refuse(
                    f"{where}.{name}"[:100], f"is unknown here; there are: {', '.join(known) or 'none'}"
                )

    def done(self) -> None:
        """Raises: BadRequest, with all mistakes."""
        if self.mistakes:
            raise bad_request(self.mistakes)
