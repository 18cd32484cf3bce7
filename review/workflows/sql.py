"""SQL: what is a comment in it, and a difference as lines."""

import difflib
import re

_ESCAPED = r"(?<=[eE])(?<!\w[eE])'(?:\\.|''|[^'\\])*'"
_PIECES = re.compile(
    rf"(?P<text>{_ESCAPED}|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)"
    r"|(?P<comment>--[^\n]*|/\*.*?\*/)",
    re.DOTALL,
)
_BEGINS = re.compile(r"\s*(?:--|/\*|select\b|with\b|insert\b|update\b|delete\b|copy\b)", re.IGNORECASE)
_OPERATORS = re.compile(r"\s*([(),;=<>+*/|-]+)\s*")


def is_sql(text: object) -> bool:
    return isinstance(text, str) and _BEGINS.match(text) is not None and " " in text


def same_meaning(one: str, other: str) -> bool:
    """Whether they differ in comments, layout, and capitals of what is not quoted only."""
    return _bare(one) == _bare(other)


def difference(before: str, after: str) -> str:
    """As lines of a unified diff, without its head."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2)
    return "\n".join([*lines][2:])


def _bare(sql: str) -> list[str]:
    """Words between comments, with texts as they are."""
    pieces, end = [], 0
    for match in _PIECES.finditer(sql):
        pieces.append(_spaced(sql[end : match.start()]))
        pieces.append(" " if match["comment"] else match[0])
        end = match.end()
    pieces.append(_spaced(sql[end:]))
    joined: list[str] = []
    for piece in pieces:
        if joined and not piece.startswith(("'", '"', "$")) and not joined[-1].startswith(("'", '"', "$")):
            joined[-1] = _spaced(joined[-1] + " " + piece)
        else:
            joined.append(piece)
    return [
        piece.strip() if not piece.startswith(("'", '"', "$")) else piece for piece in joined if piece.strip()
    ]


def _spaced(text: str) -> str:
    return " ".join(_OPERATORS.sub(r" \1 ", text).split()).lower()
