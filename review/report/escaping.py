"""Names and values of a change within Markdown: never taken for Markdown, or for a mention."""

import re

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|#~$])")
_MENTION = re.compile(r"(^|[^\w])@(?=\w)")
_LINK = re.compile(r"(https?):(//)")


def plain(text: str) -> str:
    """One line of text."""
    escaped = _SPECIAL.sub(r"\\\1", " ".join(text.split())).replace("&", "&amp;")
    return _LINK.sub(r"\1&#58;\2", _MENTION.sub("\\1@\u200b", escaped))


def code(text: str) -> str:
    """A name."""
    text = " ".join(text.split()) or " "
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * (longest + 1)
    space = " " if longest else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|")


def block(text: str, language: str = "") -> str:
    """Lines as they are."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
