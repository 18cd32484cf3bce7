"""What can be changed in a Python file so that some test should notice: one small change at a time."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

_COMPARED: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_COMPUTED: Mapping[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


@dataclass(frozen=True, order=True)
class Mutation:
    """`before`, at these offsets into the file's UTF-8 bytes, becomes `after`; line: where it begins."""

    path: Path
    start: int
    end: int
    line: int
    before: str
    after: str

    def applied(self, text: bytes) -> bytes:
        """The whole file with the change."""
        return text[: self.start] + self.after.encode() + text[self.end :]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.before!r} -> {self.after!r}"


def mutations(path: Path) -> list[Mutation]:
    """Of comparisons, sums, conditions, constants and returned values; texts and types are left alone."""
    text = path.read_bytes()
    tree = ast.parse(text)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for node, changed in _changes(tree):
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = starts[node.lineno - 1] + node.col_offset
        end = starts[node.end_lineno - 1] + node.end_col_offset
        before = text[start:end].decode()
        found.append(Mutation(path, start, end, node.lineno, before, f"({ast.unparse(changed)})"))
    return sorted(found)


def _changes(tree: ast.Module) -> Iterator[tuple[ast.expr, ast.expr]]:
    for node in _code(tree):
        match node:
            case ast.Compare(left=left, ops=[op], comparators=compared):
                yield node, ast.Compare(left=left, ops=[_COMPARED[type(op)]()], comparators=compared)
            case ast.BinOp(op=op) if type(op) in _COMPUTED and not _textual(node):
                yield node, ast.BinOp(left=node.left, op=_COMPUTED[type(op)](), right=node.right)
            case ast.BoolOp(op=op, values=values):
                yield node, ast.BoolOp(op=ast.Or() if isinstance(op, ast.And) else ast.And(), values=values)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                yield node, operand
            case ast.Constant(value=bool(value)):
                yield node, ast.Constant(value=not value)
            case ast.Constant(value=int(value) | float(value)):
                yield node, ast.Constant(value=value + 1)
            case ast.Return(value=ast.expr() as value) if not _is_none(value):
                yield value, ast.Constant(value=None)
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                yield test, ast.UnaryOp(op=ast.Not(), operand=test)


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """Every node outside of annotations, decorators and the pieces of f-strings."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_comment") or isinstance(
            node, ast.JoinedStr
        ):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _code(child)


def _textual(node: ast.BinOp) -> bool:
    """A union of types at run time, or a sum of texts: what comes of them is no different behaviour."""
    constants = [each.value for each in ast.walk(node) if isinstance(each, ast.Constant)]
    return any(isinstance(value, str | None) for value in constants)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None
