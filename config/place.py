"""Where this installation's configuration lies: in this folder, or in one that `RECS_CONFIG` names.

A folder of one's own holds `stages.py`, `delivery.py` and `use_cases/`, and may hold `notifications/`,
`demo.py` and `review.toml`; it stands in place of all of these here, none is mixed with those of this folder.
"""

import importlib
import os
from collections.abc import Mapping
from pathlib import Path

from config.types.demonstration import Demo
from config.types.errors import ConfigError, Problem

VARIABLE = "RECS_CONFIG"
HERE = Path(__file__).resolve().parent
_NEEDED = ("stages.py", "delivery.py", "use_cases")
_READERS = ("use_cases/__init__.py", "notifications/__init__.py")
_OURS = ("derived", "new", "rules", "types", "schema.py", "place.py", *_READERS)


def folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The variable's value is a path from the repository's root, or an absolute one.

    Raises: ConfigError, if the folder lacks what is needed, or holds what would hide a part of this one.
    """
    named = environ.get(VARIABLE, "")
    place = (HERE.parent / named).resolve() if named else HERE
    if place == HERE:
        return HERE
    if problems := list(_problems(named, place)):
        raise ConfigError(problems)
    return place


def _problems(named: str, place: Path) -> list[Problem]:
    subject = f"the folder that {VARIABLE} names"
    if not place.is_dir():
        return [Problem(subject, VARIABLE, named, f"{place} is no folder")]
    needed, hidden = (
        f"is missing; {', '.join(_NEEDED)} are needed",
        "would hide a part of the product's config/",
    )
    rules = {name: needed for name in _NEEDED if not (place / name).exists()}
    rules |= {name: hidden for name in _OURS if (place / name).exists()}
    return [Problem(subject, name, str(place), rule) for name, rule in rules.items()]


def part(name: str) -> Path:
    """Of the configuration, a file or folder by its name, whether it is there or not."""
    return folder() / name


def demo() -> Demo | None:
    """What the demo knows of the business; None, where the configuration has no `demo.py`."""
    if not part("demo.py").is_file():
        return None
    found = importlib.import_module("config.demo").DEMO
    assert isinstance(found, Demo), "config/demo.py must define DEMO, a Demo"
    return found
