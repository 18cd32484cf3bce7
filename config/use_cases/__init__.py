"""Every folder here that holds a use_case.py is a use case; nothing else has to be told about it."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

from config.errors import ConfigError, Problem
from config.use_case import UseCase


def discover(folder: Path) -> tuple[UseCase, ...]:
    """The `USE_CASE` of every sub-folder's use_case.py, by name; ConfigError lists all faulty folders."""
    found: list[UseCase] = []
    problems: list[Problem] = []
    for place in _folders(folder):
        loaded = _load(place)
        if isinstance(loaded, Problem):
            problems.append(loaded)
        else:
            found.append(loaded)
    if problems:
        raise ConfigError(problems)
    return tuple(found)


def _folders(folder: Path) -> Iterator[Path]:
    yield from sorted(
        place for place in folder.iterdir() if place.is_dir() and not place.name.startswith(("_", "."))
    )


def _load(place: Path) -> UseCase | Problem:
    file = place / "use_case.py"
    about = f"use case {place.name}"
    if not file.is_file():
        return Problem(about, "use_case.py", None, "the folder of a use case holds a use_case.py")
    spec = importlib.util.spec_from_file_location(f"config.use_cases.{place.name}.use_case", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    use_case = getattr(module, "USE_CASE", None)
    if not isinstance(use_case, UseCase):
        return Problem(about, "use_case.py", use_case, "must define USE_CASE, a UseCase")
    if use_case.name != place.name:
        return Problem(about, "name", use_case.name, "must be the name of its folder")
    return use_case


USE_CASES = discover(Path(__file__).parent)
