"""One of each per process, made before the rooms that ask them."""

from collections.abc import Callable

from local_cloud.ground.settings import Settings
from local_cloud.regions.carrier import Carrier
from local_cloud.regions.reach import Reach

_reach: list[Reach] = []
_carriers: list[Carrier] = []


def install(_settings: Settings) -> Callable[[], None]:
    """Once per process."""
    _reach.append(Reach())
    carrier = Carrier(_reach[-1])
    _carriers.append(carrier)
    carrier.start()
    return carrier.close


def reach() -> Reach:
    """Raises: RuntimeError, if nothing was installed."""
    _require()
    return _reach[-1]


def carrier() -> Carrier:
    """Raises: RuntimeError, if nothing was installed."""
    _require()
    return _carriers[-1]


def _require() -> None:
    if not _carriers:
        raise RuntimeError("the regions room is not installed: call local_cloud.regions.install(settings)")
