"""Options of the command line written down in a TOML file, under the names they have there."""

import argparse
import difflib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_EXCLUSIVE = (("no-auth", "access-keys"), ("s3-endpoint", "file-root"))
"""of each pair, what the command line says leaves out what the file says"""
_NOT_IN_FILES = {"help", "config", "begin-anew", "trust-state"}
"""those of one start are never meant for all"""
_NUMBERED = ("NAME=N",)
"""of options that may be repeated, those that take numbers"""


def arguments_of(path: Path, parser: argparse.ArgumentParser, given: Sequence[str]) -> list[str]:
    """The file as arguments to put before those `given` on the command line, which so win.

    Raises: ValueError, with everything that is wrong with the file.
    """
    try:
        with path.open("rb") as file:
            content = tomllib.load(file)
    except (OSError, tomllib.TOMLDecodeError) as problem:
        raise ValueError(f"{path}: {problem}") from None
    options = {name: action for name, action in _options(parser) if name not in _NOT_IN_FILES}
    entries = {key.replace("_", "-"): value for key, value in content.items()}
    problems = [text for key, value in entries.items() for text in _problems(options, key, value)]
    if problems:
        raise ValueError(f"{path}: " + "; ".join(problems))
    said = {argument.removeprefix("--").partition("=")[0] for argument in given if argument.startswith("--")}
    unwanted = {one for pair in _EXCLUSIVE for one in pair if said & set(pair)} - said
    return [
        argument
        for key, value in entries.items()
        if key not in unwanted
        for argument in _arguments(key, value)
    ]


def _options(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.Action]]:
    for action in parser._actions:
        for text in action.option_strings:
            if text.startswith("--"):
                yield text.removeprefix("--"), action


def _problems(options: Mapping[str, argparse.Action], key: str, value: Any) -> Iterator[str]:
    action = options.get(key)
    if action is None:
        close = difflib.get_close_matches(key, options, 1)
        yield f"there is no option {key}" + (f", perhaps {close[0]}" if close else "")
    elif isinstance(action, argparse._AppendAction):
        texts = action.metavar not in _NUMBERED
        wanted_entries = str if texts else int
        if not isinstance(value, dict) or not all(type(entry) is wanted_entries for entry in value.values()):
            example = 'texts, such as [fail] UpdateSolution = "shop"'
            numbers = f"whole numbers, such as [{key}] dataset_groups = 20"
            yield f"{key} must be a table of {example if texts else numbers}"
    elif isinstance(action, argparse._StoreTrueAction):
        if not isinstance(value, bool):
            yield f"{key} must be true or false, not {value!r}"
    elif action.type in (int, float):
        wanted: tuple[type, ...] = (int,) if action.type is int else (int, float)
        if type(value) not in wanted:
            yield f"{key} must be a {'whole ' if action.type is int else ''}number, not {value!r}"
    elif not isinstance(value, str):
        yield f"{key} must be a text, not {value!r}"
    elif action.choices is not None and value not in action.choices:
        yield f"{key} must be one of {', '.join(map(str, action.choices))}, not {value!r}"


def _arguments(key: str, value: Any) -> list[str]:
    match value:
        case bool():
            return [f"--{key}"] if value else []
        case dict():
            return [f"--{key}={name.replace('-', '_')}={number}" for name, number in value.items()]
        case _:
            return [f"--{key}={value}"]
