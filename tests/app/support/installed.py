"""The configuration of this installation: what tests do not run on, and a few say something of."""

import importlib.util
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType

from config.notifications import discover as notifications_in
from config.place import VARIABLE, folder
from config.schema import Notification, StageConfig, UseCase
from config.types.delivery import Delivery
from config.types.demonstration import Demo
from config.use_cases import discover as use_cases_in


@dataclass(frozen=True)
class Installed:
    """place: the folder that it lies in."""

    place: Path
    stages: tuple[StageConfig, ...]
    use_cases: tuple[UseCase, ...]
    notifications: tuple[Notification, ...]
    delivery: Delivery

    @property
    def deployed(self) -> tuple[StageConfig, ...]:
        """The stages but the one on a developer's own machine."""
        return tuple(stage for stage in self.stages if not stage.loopback_http)


@cache
def installed() -> Installed:
    place = folder({VARIABLE: _named()})
    return Installed(
        place,
        _module(place / "stages.py").STAGES,
        use_cases_in(place / "use_cases"),
        notifications_in(place / "notifications"),
        _module(place / "delivery.py").DELIVERY,
    )


def demo() -> Demo:
    """Of this installation, which has one."""
    found = _module(installed().place / "demo.py").DEMO
    assert isinstance(found, Demo)
    return found


def environment() -> Mapping[str, str]:
    """In which a process reads the configuration of this installation."""
    return {**os.environ, VARIABLE: _named()}


def _named() -> str:
    """Tests keep aside what the variable said before they began."""
    return os.environ.get("INSTALLED_CONFIG", os.environ.get(VARIABLE, ""))


def _module(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"installed_{file.stem}", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
