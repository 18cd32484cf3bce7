"""docs/constructs.md, made of the constructs' own code: `make rooms`."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_RIGHT = re.compile(r"[a-z0-9]+:[A-Z]\w+")
PAGE = ROOT / "docs" / "constructs.md"
_HEAD = """\
# Constructs for an app of one's own

`pip wheel packages/constructs` makes a wheel; installed, the rooms below are
`recs_constructs.<room>.<module>`. It brings the functions' code along. Layers are built by pip, without
Docker, at the first synth (they are kept in `~/.cache/recommendations-as-code`). Props are plain values
and other constructs.

A use case with its data, model, workflow and schedule, in twenty lines:

```python
import aws_cdk as cdk
from recs_constructs.ground.python_function import FunctionNetwork
from recs_constructs.training.functions import DatabaseAccess
from recs_constructs.training.retrained_use_case import Query, RetrainedUseCase, RetrainedUseCaseProps

app = cdk.App()
stack = cdk.Stack(app, "Shop")
network = FunctionNetwork(subnet_ids=("subnet-1",), security_group_ids=("sg-1",))
purchases = Query(
    sql="SELECT buyer AS user_id, product AS item_id, epoch AS timestamp FROM purchases",
    fields=[
        {"name": "USER_ID", "type": "string"},
        {"name": "ITEM_ID", "type": "string"},
        {"name": "TIMESTAMP", "type": "long"},
    ],
)
database = DatabaseAccess(network=network, secret_name="shop/database", ssl_mode="require")
props = RetrainedUseCaseProps(name="shop-products", interactions=purchases, database=database)
RetrainedUseCase(stack, "Products", props)
app.synth()
```

Each construct, from its code: what it is for, how it is made (with what has no default), its props, the
rights that its module writes down, and what it has to offer.
"""


@dataclass(frozen=True)
class Made:
    """A construct and the dataclass of its props, if it takes one."""

    file: Path
    node: ast.ClassDef
    props: ast.ClassDef | None


def page() -> str:
    rooms: dict[str, list[Made]] = {}
    for file in sorted((ROOT / "constructs").rglob("*.py")):
        for made in _constructs(file):
            rooms.setdefault(file.parent.name, []).append(made)
    lines = [line for room in rooms for line in _of_room(room, rooms[room])]
    return _HEAD + "\n" + "\n".join(lines) + "\n"


def _constructs(file: Path) -> Iterator[Made]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    for node in classes.values():
        if any(isinstance(base, ast.Name) and base.id == "Construct" for base in node.bases):
            yield Made(file, node, classes.get(f"{node.name}Props"))


def _of_room(room: str, made: list[Made]) -> Iterator[str]:
    init = ast.parse((ROOT / "constructs" / room / "__init__.py").read_text(encoding="utf-8"))
    yield from (f"## {room}", "", ast.get_docstring(init) or "", "")
    for each in made:
        yield from _of_construct(room, each)


def _of_construct(room: str, made: Made) -> Iterator[str]:
    name = made.node.name
    module = ast.get_docstring(ast.parse(made.file.read_text(encoding="utf-8"))) or ""
    purpose = _text(made.node) or module.split("\n")[0]
    yield from (f"### `{name}`", "", f"`{room}.{made.file.stem}`. {purpose}", "")
    yield from (f'    {name}(scope, "Id"{_given(made)})', "")
    if made.props is not None:
        yield from ("| prop | type | default |", "|---|---|---|")
        constants = _constants(made.file)
        for field, type_, default in _fields(made.props):
            shown = f"`{constants.get(default, default)}`" if default else "required"
            yield f"| `{field}` | `{type_}` | {shown} |".replace(" | None", " \\| None")
        yield from ("", _text(made.props), "") if ast.get_docstring(made.props) else ("",)
    actions = sorted(set(_actions(made.file)))
    if actions:
        yield from (f"Rights in its module: {', '.join(f'`{action}`' for action in actions)}.", "")
    offers = [node for node in made.node.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"]
    for node in offers:
        said = f": {' '.join((ast.get_docstring(node) or '').split())}" if ast.get_docstring(node) else ""
        yield f"- `{node.name}`{said}"
    if offers:
        yield ""


def _text(node: ast.ClassDef) -> str:
    return " ".join((ast.get_docstring(node) or "").split())


def _given(made: Made) -> str:
    if made.props is not None:
        needed = [f"{field}=..." for field, _, default in _fields(made.props) if not default]
        return f", {made.props.name}({', '.join(needed)})"
    init = next(
        node for node in made.node.body if isinstance(node, ast.FunctionDef) and node.name == "__init__"
    )
    pairs = zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True)
    return "".join(f", {argument.arg}=..." for argument, default in pairs if default is None)


def _fields(props: ast.ClassDef) -> Iterator[tuple[str, str, str]]:
    for node in props.body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            default = ast.unparse(node.value) if node.value is not None else ""
            yield node.target.id, ast.unparse(node.annotation), default


def _constants(file: Path) -> dict[str, str]:
    """Of a module, as they are written."""
    return {
        node.targets[0].id: ast.unparse(node.value)
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }


def _actions(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.keyword) and node.arg == "actions":
            for inner in ast.walk(node.value):
                if (
                    isinstance(inner, ast.Constant)
                    and isinstance(inner.value, str)
                    and _RIGHT.fullmatch(inner.value)
                ):
                    yield inner.value


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
