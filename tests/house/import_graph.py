"""Which file of the repository uses which: by import, wherever it stands, and by name in a string."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

SOURCES = ("lambda_src", "")
"""import roots, below the repository's own"""
_DOTTED = re.compile(r"([a-z_]\w*(?:\.[a-z_]\w*)+)(?::\w+)?")


@dataclass(frozen=True, order=True)
class Arrow:
    """From file to file, as paths from the repository's root."""

    source: str
    target: str
    by_name: bool = False
    """in a string: what is loaded, started or patched by its name"""


class ImportGraph:
    """Reads all Python files below the given folders of a repository."""

    def __init__(self, root: Path, folders: tuple[str, ...]) -> None:
        self._root = root
        self.files = sorted(
            path.relative_to(root).as_posix()
            for folder in folders
            for path in ([root / folder] if (root / folder).is_file() else (root / folder).rglob("*.py"))
        )
        self._by_module = {_module(file): file for file in self.files}
        self.arrows = sorted({arrow for file in self.files for arrow in self._of(file)})

    def targets(self, *, by_name: bool = True) -> Mapping[str, set[str]]:
        """Per file those that it uses."""
        found: dict[str, set[str]] = {file: set() for file in self.files}
        for arrow in self.arrows:
            if by_name or not arrow.by_name:
                found[arrow.source].add(arrow.target)
        return found

    def _of(self, file: str) -> Iterator[Arrow]:
        imported: set[str] = set()
        named: set[str] = set()
        beginnings: set[str] = set()
        texts: set[str] = set()
        for node in ast.walk(ast.parse((self._root / file).read_text(encoding="utf-8"))):
            match node:
                case ast.Import() | ast.ImportFrom():
                    imported.update(filter(None, map(self._file_of, _names(node, _module(file)))))
                case ast.Constant(value=str(text)):
                    texts.add(text)
                case ast.List(elts=parts) | ast.Tuple(elts=parts):
                    named.update(self._started(parts))
                case ast.JoinedStr(values=[ast.Constant(value=str(text)), *_]) if text.endswith("."):
                    beginnings.add(text)
        for text in texts:
            named.update(self._named(text, beginnings))
        named.update(filter(None, (self._by_module.get(text.rstrip(".")) for text in beginnings)))
        named.discard(f"{file.split('/')[0]}/__init__.py")
        yield from (Arrow(file, target) for target in imported - {file})
        yield from (Arrow(file, target, by_name=True) for target in named - imported - {file})

    def _named(self, text: str, beginnings: set[str]) -> Iterator[str]:
        """Dotted names of our modules; what f"package.{name}" makes of the strings of its file."""
        if match := _DOTTED.fullmatch(text):
            target = self._file_of(match[1])
            if target and "." in _module(target):
                yield target
        for beginning in beginnings:
            if beginning + text in self._by_module:
                yield self._by_module[beginning + text]

    def _started(self, parts: list[ast.expr]) -> Iterator[str]:
        """`-m` and a package after it."""
        for option, value in pairwise(parts):
            match option, value:
                case ast.Constant(value="-m"), ast.Constant(value=str(package)):
                    if main := self._by_module.get(f"{package}.__main__"):
                        yield main

    def _file_of(self, name: str) -> str | None:
        """The file of a module, or of the module that holds the name."""
        return self._by_module.get(name) or self._by_module.get(name.rpartition(".")[0])


def _names(node: ast.Import | ast.ImportFrom, module: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    base = node.module or ""
    if node.level:
        base = ".".join([*module.split(".")[: -node.level], *filter(None, [node.module])])
    return [f"{base}.{alias.name}" for alias in node.names]


def circles(targets: Mapping[str, set[str]]) -> list[list[str]]:
    """Strongly connected components of more than one member (Tarjan, 1972)."""
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for target in sorted(targets.get(node, ())):
            if target not in order:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in stack:
                low[node] = min(low[node], order[target])
        if low[node] == order[node]:
            at = stack.index(node)
            members = sorted(stack[at:])
            del stack[at:]
            if len(members) > 1:
                found.append(members)

    for node in sorted(targets):
        if node not in order:
            visit(node)
    return found


def _module(file: str) -> str:
    parts = list(Path(file).with_suffix("").parts)
    if parts[0] in SOURCES:
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
