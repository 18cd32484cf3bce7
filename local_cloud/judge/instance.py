"""One judge per process, made before the rooms that ask it."""

from local_cloud.ground.settings import Settings
from local_cloud.judge.authority import Authority

_installed: list[Authority] = []


def install(settings: Settings) -> None:
    """Once per process."""
    _installed.append(Authority(settings))


def installed() -> Authority:
    """What `install` made. Raises: RuntimeError, if it was not called."""
    if not _installed:
        raise RuntimeError("the rights room is not installed: call local_cloud.judge.install(settings)")
    return _installed[-1]
