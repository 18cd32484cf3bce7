"""Every folder here that holds a notification.py is a notification; nothing else has to be told about it."""

import importlib.util
from pathlib import Path

from config.errors import ConfigError, Problem
from config.notification import Notification


def discover(folder: Path) -> tuple[Notification, ...]:
    """The `NOTIFICATION` of every sub-folder's notification.py, by name; ConfigError lists faulty ones."""
    places = sorted(p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(("_", ".")))
    loaded = [_load(place) for place in places]
    problems = [problem for problem in loaded if isinstance(problem, Problem)]
    if problems:
        raise ConfigError(problems)
    return tuple(notification for notification in loaded if isinstance(notification, Notification))


def _load(place: Path) -> Notification | Problem:
    file, about = place / "notification.py", f"notification {place.name}"
    if not file.is_file():
        return Problem(about, "notification.py", None, "the folder of a notification holds a notification.py")
    spec = importlib.util.spec_from_file_location(f"config.notifications.{place.name}.notification", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    notification = getattr(module, "NOTIFICATION", None)
    if not isinstance(notification, Notification):
        return Problem(about, "notification.py", notification, "must define NOTIFICATION, a Notification")
    if notification.name != place.name:
        return Problem(about, "name", notification.name, "must be the name of its folder")
    return notification


NOTIFICATIONS = discover(Path(__file__).parent)
