"""The signs of an expression of metric math, or of a composite alarm's rule."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from local_cloud.alarms.errors import BadExpression

_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+)|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<name>[A-Za-z_]\w*)|(?P<sign>&&|\|\||[=!<>]=|[-+*/^<>(),\[\]]))"
)


@dataclass(frozen=True)
class Token:
    """`kind`: number, text, name, sign, or end."""

    kind: str
    text: str
    place: int


def tokens_of(expression: str) -> list[Token]:
    """Raises: BadExpression, for a sign that is none."""
    found, place = [], 0
    while place < len(expression.rstrip()):
        match = _TOKEN.match(expression, place)
        if match is None:
            raise BadExpression(f"{expression!r} has {expression[place:].strip()[:1]!r} at {place}")
        kind = str(match.lastgroup)
        found.append(Token(kind, match[kind], match.start(kind)))
        place = match.end()
    return [*found, Token("end", "", len(expression))]


class Reader:
    """The tokens one after the other."""

    def __init__(self, expression: str) -> None:
        self._expression = expression
        self._tokens: Sequence[Token] = tokens_of(expression)
        self._at = 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def take(self) -> Token:
        token = self.next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def takes(self, *texts: str) -> str | None:
        """The next token's text, which is then behind us, if it is one of these signs or words."""
        if self.next.kind in ("sign", "name") and self.next.text in texts:
            return self.take().text
        return None

    def needs(self, text: str) -> None:
        """Raises: BadExpression, if something else comes."""
        if self.takes(text) is None:
            raise self.wrong(f"{text!r} is needed")

    def wrong(self, what: str) -> BadExpression:
        found = repr(self.next.text) if self.next.text else "its end"
        return BadExpression(f"{self._expression!r}: {what} at {self.next.place}, where {found} is")
