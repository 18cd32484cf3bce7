"""The rooms as rooms.toml declares them, and as the code is."""

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from tests.house.import_graph import Arrow, ImportGraph

ROOT = Path(__file__).parents[2]
_BUSINESS = "tests/app/support/business"
"""what all tests stand on"""
_TEAMS = ("config/use_cases", "config/notifications", _BUSINESS)
"""each use case and each notification has a folder of its own in these"""
SAMPLE = ("sample_database", "tests/app/sample")
"""rooms of the sample business, which a team takes away; config/demo.py leads to them"""


def _declared() -> Mapping[str, list[str]]:
    """Per room, from the root, those that it uses; a `*` at the end: by name, in strings."""
    gone = [room for room in SAMPLE if not (ROOT / room).is_dir()]
    tables = tomllib.loads(Path(__file__).with_name("rooms.toml").read_text(encoding="utf-8"))
    rooms = {_joined(top, inner): top for top, table in tables.items() for inner in table}
    found = {}
    for room, top in rooms.items():
        names = tables[top][room.removeprefix(top).lstrip("/") or "."]
        found[room] = [
            _joined(top, name) if _joined(top, name.rstrip("*")) in rooms else name for name in names
        ]
    return {
        room: [name for name in names if name not in gone]
        for room, names in found.items()
        if room not in gone
    }


def _joined(top: str, inner: str) -> str:
    return top if inner == "." else f"{top}/{inner}"


ROOMS = _declared()
FILES = ("app", "install")
"""rooms that are a file at the root"""
FOLDERS = tuple(dict.fromkeys(room.split("/")[0] for room in ROOMS if room not in FILES))


@cache
def graph() -> ImportGraph:
    """Read once, and only where a test asks for it: it takes seconds."""
    return ImportGraph(ROOT, (*(f"{file}.py" for file in FILES), *FOLDERS))


def room_of(file: str) -> str:
    folder = Path(file).parent.as_posix()
    if folder == ".":
        return Path(file).stem
    return next((room for room in _TEAMS if folder.startswith(room)), folder)


@cache
def _arrows_by_room() -> Mapping[str, list[Arrow]]:
    found: defaultdict[str, list[Arrow]] = defaultdict(list)
    for arrow in graph().arrows:
        found[room_of(arrow.source)].append(arrow)
    return found


def rooms_used(room: str, *, by_name: bool) -> set[str]:
    """Tests may look at everything; between themselves they have rooms, too. By name: in no other way."""
    imported, named = (
        {room_of(arrow.target) for arrow in _arrows_by_room()[room] if arrow.by_name == name} - {room}
        for name in (False, True)
    )
    used = named - imported if by_name else imported
    if room.startswith("tests"):
        return {each for each in used if each.startswith("tests/")} - {_BUSINESS}
    return used
