"""What Python says of a configuration's files, in words: where it is, and what may be written there."""

import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from enum import EnumMeta
from pathlib import Path
from typing import Any

from config.types.errors import Problem

_UNKNOWN_FIELD = re.compile(r"(\w+)\.__init__\(\) got an unexpected keyword argument '(\w+)'")
_UNKNOWN_NAME = re.compile(r"name '(\w+)' is not defined")
_UNKNOWN_IMPORT = re.compile(r"(cannot import name '(\w+)' from '([\w.]+)')")


def mistake(problem: Exception, file: Path, subject: str, names: Mapping[str, Any]) -> Problem:
    """subject: whose file it is. names: of the module that the file is, as far as it got."""
    return Problem(subject, _place(problem, file), type(problem).__name__, _words(problem, names))


def line_in(problem: Exception, file: Path) -> int | None:
    """The last line of the file that was reached; None: it lies elsewhere."""
    if isinstance(problem, SyntaxError) and problem.filename == str(file):
        return problem.lineno
    frames = traceback.extract_tb(problem.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(file)]
    return lines[-1] if lines else None


def choices(kind: EnumMeta) -> str:
    """The members of an enumeration."""
    return ", ".join(f"{kind.__name__}.{name}" for name in kind.__members__)


def near(name: str, known: Sequence[str]) -> str:
    """The nearest of them, as a question in brackets; nothing, if none is near."""
    found = get_close_matches(name, known, 1)
    return f" (did you mean {found[0]!r}?)" if found else ""


def must_be(what: str, name: str, known: Sequence[str]) -> str:
    """The rule that a name breaks which is none of them."""
    return f"must be {what}{near(name, known)}: {', '.join(known) or 'there are none'}"


def _place(problem: Exception, file: Path) -> str:
    line = line_in(problem, file)
    return f"{file.name} line {line}" if line else file.name


def _words(problem: Exception, names: Mapping[str, Any]) -> str:
    said = str(problem)
    if found := _UNKNOWN_FIELD.search(said):
        kind = names.get(found[1])
        if isinstance(kind, type) and is_dataclass(kind):
            known = [field.name for field in fields(kind)]
            return f"a {found[1]} has no field {found[2]!r}{near(found[2], known)}; it has {', '.join(known)}"
    if found := _UNKNOWN_NAME.search(said):
        return f"{said}{near(found[1], list(names))}; types come from config.schema"
    if found := _UNKNOWN_IMPORT.search(said):
        return f"{found[1]}{near(found[2], dir(sys.modules.get(found[3])))}"
    if isinstance(problem, AttributeError) and isinstance(kind := problem.obj, EnumMeta) and problem.name:
        meant = near(problem.name, list(kind.__members__))
        return f"there is no {kind.__name__}.{problem.name}{meant}; there are {choices(kind)}"
    return said
