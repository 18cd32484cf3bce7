"""Folders are written elsewhere, checked with all that is configured, and only then put into place."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from config.notifications import NOTIFICATIONS
from config.notifications import discover as notifications_in
from config.place import part
from config.rules import check
from config.rules.use_cases import NAME
from config.stages import STAGES
from config.use_cases import USE_CASES
from config.use_cases import discover as use_cases_in


class Refused(ValueError):
    """Nothing was written; the message says why."""


def write(kind: str, name: str, files: Mapping[str, str]) -> Path:
    """The new folder. kind: use_cases or notifications. files: texts by path in the folder.

    Raises: Refused, if there is a folder of the name, or it is no name; ConfigError, if a rule is broken.
    """
    if not NAME.fullmatch(name):
        raise Refused(f"{name!r}: a name must be lower-case words of letters and digits joined by _")
    place = part(kind) / name
    if place.exists():
        raise Refused(
            f"{place} is there already, and stays as it is: choose another name, or delete it first"
        )
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary) / kind / name
        for path, text in files.items():
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            (made / path).write_text(text, encoding="utf-8")
        _check(kind, made.parent)
        shutil.rmtree(made / "__pycache__", ignore_errors=True)
        shutil.copytree(made, place)
    return place


def _check(kind: str, folder: Path) -> None:
    use_cases, notifications = USE_CASES, NOTIFICATIONS
    if kind == "use_cases":
        use_cases = (*use_cases, *use_cases_in(folder))
    else:
        notifications = (*notifications, *notifications_in(folder))
    check(STAGES, use_cases, notifications)
