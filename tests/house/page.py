"""docs/rooms.md, made of the packages' own first lines: `make rooms`."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.rooms import FILES, ROOMS, ROOT, SAMPLE, graph, room_of

PAGE = ROOT / "docs" / "rooms.md"
_HEAD = """\
# Where things are

Every folder of code and what it holds, in the words of its `__init__.py`; its files; the folders that it
uses, with a `*` where it only names them in strings (handlers of functions, processes that it starts). The
arrows are declared in `tests/house/rooms.toml`, and a test holds the code against them; `make rooms` makes
this page. What goes with the sample business is left out:
`sample_database/`, `sample_page/`, `config/demo.py`, and arrows to them. `client_typescript/` is no Python.
"""
_TEAMS = ("config/notifications", "config/use_cases")
_OF_TEAM = "Files: a folder for each.  "
"""where the files are those that a team has written"""
_SPEAKS = {"app": "app.py", "install": "install.py", "packages": "packages/staging.py"}
"""files that say what a room is for that is no package"""


def page() -> str:
    return _HEAD + "".join(f"\n{line}" for line in _lines()) + "\n"


def _lines() -> Iterator[str]:
    tops = dict.fromkeys(room.split("/")[0] for room in ROOMS if not _left_out(room))
    shown = [(top, f"{top}.py" if top in FILES else f"{top}/") for top in tops]
    yield from (
        " · ".join(f"[`{name}`](#{name.strip(chr(47)).replace(chr(46), '')})" for top, name in shown),
        "",
    )
    seen = set()
    for room in ROOMS:
        top = room.split("/")[0]
        if _left_out(room):
            continue
        if top not in seen:
            yield from (f"## `{top}{'.py' if top in FILES else '/'}`", "")
            seen.add(top)
        if room != top:
            yield from (f"### `{room}/`", "")
        yield from _of(room)


def _left_out(room: str) -> bool:
    return room.startswith("tests") or room in SAMPLE


def _of(room: str) -> Iterator[str]:
    yield from (_first_line(ROOT / _SPEAKS.get(room, f"{room}/__init__.py")), "")
    files = [file for file in graph().files if room_of(file) == room and file != "config/demo.py"]
    names = {Path(file).stem for file in files} - {"__init__"}
    yield _OF_TEAM if room in _TEAMS else f"Files: {', '.join(f'`{name}`' for name in sorted(names))}.  "
    uses = [each for each in ROOMS[room] if each not in SAMPLE]
    used = ", ".join(f"`{each.rstrip('*')}`{'*' if each.endswith('*') else ''}" for each in uses)
    yield from (f"Uses: {used or 'nothing of ours'}.", "")


def _first_line(file: Path) -> str:
    return (ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or "").split("\n")[0]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
