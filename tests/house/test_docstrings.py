"""Docstrings say what is raised, and all in the same form: `Raises: X, if ...; Y, if ...`."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.house.rooms import FILES, FOLDERS, ROOT

DOES_NOT_LEAVE = "NotImplementedError"
OTHER_FORM = re.compile(r"\bErrors?: |(?<!\w)[Rr]aises [A-Z]\w+")
RAISE = re.compile(r"^ +raise \w", re.MULTILINE)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    path: str
    text: str

    @property
    def body(self) -> Sequence[ast.stmt]:
        return ast.parse(self.text).body


def product(worth_parsing: re.Pattern[str]) -> Iterator[Module]:
    files = [ROOT / f"{file}.py" for file in FILES]
    for folder in sorted(set(FOLDERS) - {"tests", "benchmarks"}):
        files += sorted((ROOT / folder).rglob("*.py"))
    for file in files:
        text = file.read_text(encoding="utf-8")
        if worth_parsing.search(text):
            yield Module(file.relative_to(ROOT).as_posix(), text)


def texts(body: Sequence[ast.stmt]) -> Iterator[ast.Constant]:
    """Docstrings, those of members and constants, too, wherever they stand."""
    for node in body:
        match node:
            case ast.Expr(value=ast.Constant(value=str()) as text):
                yield text
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from texts(node.body)


def public(body: Sequence[ast.stmt], within: str = "") -> Iterator[tuple[str, Function]]:
    """By name, those of public classes, too."""
    for node in body:
        match node:
            case ast.ClassDef(name=name) if not name.startswith("_"):
                yield from public(node.body, f"{within}{name}.")
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) if not name.startswith("_"):
                yield f"{within}{name}", node


def raised(nodes: Sequence[ast.AST], caught: frozenset[str] = frozenset()) -> Iterator[str]:
    """Classes that are named after `raise`; neither those of nested functions, nor those that are caught."""
    for node in nodes:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.expr():
                continue
            case ast.Raise(exc=ast.expr() as error):
                name = _last_name(error.func if isinstance(error, ast.Call) else error)
                if name[:1].isupper() and name not in caught:
                    yield name
            case ast.Try():
                handled = {_last_name(each) for handler in node.handlers for each in _types(handler.type)}
                yield from raised(node.body, caught | handled)
                yield from raised([*node.handlers, *node.orelse, *node.finalbody], caught)
            case _:
                yield from raised(list(ast.iter_child_nodes(node)), caught)


def _types(caught: ast.expr | None) -> Sequence[ast.expr]:
    if caught is None:
        return ()
    return caught.elts if isinstance(caught, ast.Tuple) else (caught,)


def _last_name(error: ast.expr) -> str:
    """X of X and of module.X; nothing for anything else, as a function's result."""
    match error:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def unsaid(function: Function) -> list[str]:
    said = (ast.get_docstring(function) or "").partition("Raises:")[2]
    names = set(raised(function.body)) - {DOES_NOT_LEAVE}
    return sorted(name for name in names if not re.search(rf"\b{name}\b", said))


def test_errors_are_told_in_one_form() -> None:
    others = [
        f"{module.path}:{text.lineno}: {found[0]}"
        for module in product(OTHER_FORM)
        for text in texts(module.body)
        if (found := OTHER_FORM.search(str(text.value)))
    ]

    assert others == [], "write: Raises: X, if ...; Y, if ..."


def test_public_functions_say_what_they_raise() -> None:
    silent = [
        f"{module.path}:{function.lineno}: {name} raises {', '.join(names)}"
        for module in product(RAISE)
        for name, function in public(module.body)
        if (names := unsaid(function))
    ]

    assert silent == [], "name the errors in the docstring, after Raises:"


def test_what_is_raised_is_found_wherever_it_leaves_a_function() -> None:
    [(_, function)] = public(
        ast.parse(
            """
def public(value):
    '''Raises: Said, if it is that.'''
    def inner():
        raise Nested
    try:
        raise Caught(value)
    except Caught as caught:
        raise errors.Named(value) from caught
    if value:
        raise Said
    raise NotImplementedError
"""
        ).body
    )

    assert sorted(raised(function.body)) == ["Named", "NotImplementedError", "Said"]
    assert unsaid(function) == ["Named"]
