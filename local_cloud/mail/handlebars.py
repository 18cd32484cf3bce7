"""The part of Handlebars that SES renders templates with.

Variables ({{name}}, {{a.b}}, {{../a}}, {{this}}, {{@index}}), unescaped ones ({{{name}}}), comments and the
blocks #if, #unless, #each and #with, each with {{else}}. Partials, sub-expressions and helpers of one's own
fail by name.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_TAG = re.compile(
    r"\{\{!--.*?--\}\}|\{\{\{\s*(?P<raw>[^{}]+?)\s*\}\}\}|\{\{~?\s*(?P<tag>[^{}]+?)\s*~?\}\}", re.DOTALL
)
_PATH = re.compile(r"(\.\./)*(@?[\w-]+|this|\.)([./][\w-]+)*$")
_BLOCKS = ("if", "unless", "each", "with")


class TemplateError(ValueError):
    """The template cannot be read, or the data lacks what it names."""


@dataclass(frozen=True)
class _Value:
    path: str
    raw: bool


@dataclass(frozen=True)
class _Block:
    kind: str
    path: str
    body: "tuple[_Node, ...]"
    otherwise: "tuple[_Node, ...]"


_Node = str | _Value | _Block


@dataclass(frozen=True)
class _Scope:
    value: Any
    outer: "_Scope | None" = None
    own: Mapping[str, Any] | None = None

    def find(self, path: str) -> Any:
        """None for what is not there."""
        scope: _Scope | None = self
        while path.startswith("../"):
            scope, path = (scope.outer if scope else None), path.removeprefix("../")
        if scope is None:
            return None
        if path.startswith("@"):
            return (scope.own or {}).get(path[1:])
        value = scope.value
        for name in [] if path in ("this", ".") else re.split(r"[./]", path.removeprefix("this.")):
            if isinstance(value, Mapping):
                value = value.get(name)
            elif isinstance(value, Sequence) and name.isdigit() and int(name) < len(value):
                value = value[int(name)]
            else:
                return None
        return value


def render(template: str, data: Mapping[str, Any] | None, *, escape: bool) -> str:
    """The text of a template; with data None it is only checked.

    As with SES, an absent condition is false. Raises: TemplateError, also for a variable that the data does
    not have.
    """
    nodes, ended = _parsed(_TAG.finditer(template), template, 0, None)
    assert ended == len(template)
    return "" if data is None else "".join(_texts(nodes, _Scope(data), escape))


def _parsed(
    tags: Iterator[re.Match[str]], template: str, begin: int, block: str | None
) -> tuple[tuple[_Node, ...], int]:
    nodes, ended, _ = _until_end(tags, template, begin, block)
    return nodes, ended


def _until_end(
    tags: Iterator[re.Match[str]], template: str, position: int, block: str | None
) -> tuple[tuple[_Node, ...], int, bool]:
    """Nodes up to the block's end or its else, where they end, and whether an else ended them."""
    nodes: list[_Node] = []
    for match in tags:
        nodes.append(template[position : match.start()])
        position = match.end()
        if match["raw"]:
            nodes.append(_Value(_path(match["raw"]), raw=True))
            continue
        tag = match["tag"] or "!"
        if tag.startswith("!"):
            continue
        if tag.startswith("#"):
            kind, _, path = tag[1:].partition(" ")
            if kind not in _BLOCKS:
                raise TemplateError(f"the block {{{{{tag}}}}} is not implemented")
            body, position, other = _until_end(tags, template, position, kind)
            otherwise: tuple[_Node, ...] = ()
            if other:
                otherwise, position, _ = _until_end(tags, template, position, kind)
            nodes.append(_Block(kind, _path(path.strip()), body, otherwise))
        elif tag.startswith("/"):
            if tag[1:].strip() != block:
                raise TemplateError(f"{{{{{tag}}}}} ends no open block")
            return tuple(nodes), position, False
        elif tag == "else" and block:
            return tuple(nodes), position, True
        else:
            nodes.append(_Value(_path(tag.removeprefix("&").strip()), raw=tag.startswith("&")))
    if block:
        raise TemplateError(f"the block {{{{#{block}}}}} does not end")
    return (*nodes, template[position:]), len(template), False


def _path(text: str) -> str:
    if not _PATH.match(text):
        raise TemplateError(f"{{{{{text}}}}} is not implemented")
    return text


def _texts(nodes: Sequence[_Node], scope: _Scope, escape: bool) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, str):
            yield node
        elif isinstance(node, _Value):
            value = scope.find(node.path)
            if value is None:
                raise TemplateError(f"Attribute '{node.path}' is not present in the rendering data.")
            text = str(value).lower() if isinstance(value, bool) else str(value)
            yield html.escape(text) if escape and not node.raw else text
        else:
            yield from _block_texts(node, scope, escape)


def _block_texts(block: _Block, scope: _Scope, escape: bool) -> Iterator[str]:
    value = scope.find(block.path)
    if block.kind == "each" and value:
        items = list(value.items()) if isinstance(value, Mapping) else list(enumerate(value))
        for index, (key, item) in enumerate(items):
            own = {"index": index, "key": key, "first": index == 0, "last": index == len(items) - 1}
            yield from _texts(block.body, _Scope(item, scope, own), escape)
    elif block.kind == "with" and value:
        yield from _texts(block.body, _Scope(value, scope), escape)
    elif block.kind in ("if", "unless") and bool(value) == (block.kind == "if"):
        yield from _texts(block.body, scope, escape)
    else:
        yield from _texts(block.otherwise, scope, escape)
