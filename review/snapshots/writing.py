"""JSON as files hold it: indented, but what is small stands on one line."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

WIDTH = 110
_SMALL = 2


def written(value: Any) -> str:
    return f"{_indented(value, 0, 0)}\n"


def read(folder: Path) -> dict[str, str]:
    """The texts of all files below a folder, by their path from there."""
    return {
        file.relative_to(folder).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def write(folder: Path, files: Mapping[str, str]) -> None:
    """The folder holds these files then, and no others."""
    for stale in read(folder).keys() - files.keys():
        (folder / stale).unlink()
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for inner in sorted((each for each in folder.rglob("*") if each.is_dir()), reverse=True):
        if not any(inner.iterdir()):
            inner.rmdir()


def _indented(value: Any, depth: int, before: int) -> str:
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value:
        return line
    if _is_small(value) and 2 * depth + before + len(line) <= WIDTH:
        return line
    opened, closed = "{}" if isinstance(value, dict) else "[]"
    space = "  " * depth
    members = ",\n".join(f"{space}  {member}" for member in _members(value, depth + 1))
    return f"{opened}\n{members}\n{space}{closed}"


def _members(value: dict[str, Any] | list[Any], depth: int) -> Iterator[str]:
    if isinstance(value, list):
        yield from (_indented(member, depth, 0) for member in value)
    else:
        for key, member in value.items():
            name = json.dumps(key, ensure_ascii=False)
            yield f"{name}: {_indented(member, depth, len(name) + 2)}"


def _is_small(value: Any) -> bool:
    """A name and a value or two, as a reference or a tag; longer lists have a line for each member."""
    return _leaves(value) <= _SMALL


def _leaves(value: Any) -> int:
    match value:
        case {"Fn::GetAtt": [_, _]}:
            return len(value)
        case dict():
            return sum(map(_leaves, value.values()))
        case list():
            return sum(map(_leaves, value)) if len(value) <= 1 else _SMALL + 1
        case _:
            return 1
