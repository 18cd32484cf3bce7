"""Snapshots: templates as files in which a change is easy to read, and from which they can be made again.

A folder per kind of stack. In it, `common.json` is what all stacks of the kind share, and each stack has a
file with what is its own, by path; where each has a value of its own, `common.json` says `<differs>`.
Definitions of state machines and bodies of dashboards have files beside it. Names of the stage, its account
and its region are placeholders. Nothing is left out: `templates_in` gives the templates back.
"""

import difflib
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from review.reading.machines import STATE_MACHINE
from review.reading.templates import Template
from review.snapshots.folding import Own, folded, unfolded
from review.snapshots.names import Names, put_in, taken_out
from review.snapshots.texts import hidden, shown
from review.snapshots.writing import written

COMMON = "common"
IN_FILE = "in file"
_HASH = re.compile(r"[0-9A-F]{8}$")


@dataclass(frozen=True)
class Stack:
    """A stack, for example `Prod-eu-west-1-Data`: of which kind (`Data`) and for what (`Prod-eu-west-1`)."""

    name: str
    kind: str
    place: str
    names: Names


DOCUMENTS = {
    STATE_MACHINE: ("DefinitionString", "definitions"),
    "AWS::CloudWatch::Dashboard": ("DashboardBody", "dashboards"),
}
"""by the type of the resource: the property that has a file of its own, and its folder"""
_FOLDERS = {folder for _, folder in DOCUMENTS.values()}


def files_of(stacks: Iterable[Stack], templates: Mapping[str, Template]) -> dict[str, str]:
    """The snapshots of these stacks: texts by the path of the file."""
    kinds: defaultdict[str, list[Stack]] = defaultdict(list)
    for stack in stacks:
        kinds[stack.kind].append(stack)
    files = {}
    for kind, members in sorted(kinds.items()):
        for path, content in _of_kind(members, templates):
            files[f"{kind}/{path}.json"] = written(content)
    return files


def templates_in(files: Mapping[str, str]) -> dict[str, Template]:
    """The templates of which these are the snapshots, by the name of the stack."""
    commons: defaultdict[str, dict[str, Any]] = defaultdict(dict)
    for path, text in files.items():
        match path.removesuffix(".json").split("/"):
            case [kind, "common"]:
                commons[kind].update(json.loads(text))
            case [kind, folder, name]:
                commons[kind].setdefault(folder, {})[name] = json.loads(text)
    found = {}
    for path, text in files.items():
        match path.removesuffix(".json").split("/"):
            case [kind, place] if place != COMMON:
                stack = json.loads(text)
                whole = unfolded(commons[kind], {_path(each): value for each, value in stack["own"].items()})
                found[stack["stack"]] = _put_together(put_in(whole, stack["names"]))
    return found


def in_parts(template: Template, names: Names) -> Template:
    """The template as it can be compared with those of other stages: text in its inner form, no names."""
    parts: Template = taken_out(_taken_apart(template), names)
    return parts


def differences(expected: Mapping[str, str], found: Mapping[str, str]) -> str:
    """What to read where the files that are found are not the expected ones; nothing if they are."""
    return "\n".join(
        line
        for name in sorted(expected.keys() | found.keys())
        for line in difflib.unified_diff(
            found.get(name, "").splitlines(),
            expected.get(name, "").splitlines(),
            name if name in found else "(no such file)",
            name if name in expected else "(stale: no such file any more)",
            lineterm="",
        )
    )


def _of_kind(stacks: list[Stack], templates: Mapping[str, Template]) -> Iterator[tuple[str, Any]]:
    """The contents of the files of a kind, by their names."""
    common, own = folded([in_parts(templates[stack.name], stack.names) for stack in stacks])
    if isinstance(common, dict):
        for folder in sorted(_FOLDERS & common.keys()):
            if isinstance(common[folder], dict):
                yield from ((f"{folder}/{name}", content) for name, content in common.pop(folder).items())
        yield COMMON, common
    for stack, mine in zip(stacks, own, strict=True):
        yield stack.place, {"stack": stack.name, "names": dict(stack.names), "own": _by_pointer(mine)}


def _taken_apart(template: Template) -> Template:
    """The template with its text in its inner form, and what has files of its own in folders of its own."""
    apart: Template = shown(_sorted(template))
    for logical_id, resource in apart["Resources"].items():
        if resource["Type"] in DOCUMENTS:
            key, folder = DOCUMENTS[resource["Type"]]
            name = _HASH.sub("", logical_id)
            documents = apart.setdefault(folder, {})
            if name in documents:
                raise ValueError(f"two documents of one name: {folder}/{name}")
            documents[name] = resource["Properties"][key]
            resource["Properties"][key] = {IN_FILE: f"{folder}/{name}"}
    return apart


def _put_together(apart: Template) -> Template:
    """The way back from `_taken_apart`."""
    for resource in apart["Resources"].values():
        if resource["Type"] in DOCUMENTS:
            key, _ = DOCUMENTS[resource["Type"]]
            folder, name = resource["Properties"][key][IN_FILE].split("/")
            resource["Properties"][key] = apart[folder][name]
    return {key: hidden(member) for key, member in apart.items() if key not in _FOLDERS}


def _by_pointer(own: Own) -> dict[str, Any]:
    """Paths as JSON pointers (RFC 6901), in their order."""

    def order(path: tuple[str, ...]) -> list[tuple[int, str]]:
        return [(int(key) if key.isdigit() else 0, key) for key in path]

    return {
        "".join(f"/{key.replace('~', '~0').replace('/', '~1')}" for key in path): own[path]
        for path in sorted(own, key=order)
    }


def _path(pointer: str) -> tuple[str, ...]:
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in pointer.split("/")[1:])


def _sorted(value: Any) -> Any:
    match value:
        case dict():
            return {key: _sorted(value[key]) for key in sorted(value)}
        case list():
            return [_sorted(member) for member in value]
        case _:
            return value
