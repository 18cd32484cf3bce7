"""Which regions answer. One that is down keeps all that it has, and does nothing with it until it is back."""

from collections.abc import Callable
from threading import Condition

_LOOK_SECONDS = 0.5


class RegionDown(Exception):
    """The region is lost, as far as anybody can see."""

    def __init__(self, region: str) -> None:
        super().__init__(f"{region} is down: nothing in it answers")
        self.region = region


class Reach:
    """All regions answer until they are taken down."""

    def __init__(self) -> None:
        self._down: set[str] = set()
        self._changed = Condition()
        self._watchers: list[Callable[[str, bool], None]] = []

    def watch(self, watcher: Callable[[str, bool], None]) -> None:
        """It is told of each change: region, and whether that answers now."""
        self._watchers.append(watcher)

    @property
    def down(self) -> tuple[str, ...]:
        return tuple(sorted(self._down))

    def is_up(self, region: str) -> bool:
        return region not in self._down

    def require(self, region: str) -> None:
        """Raises: RegionDown."""
        if region in self._down:
            raise RegionDown(region)

    def wait(self, region: str, still: Callable[[], bool] = lambda: True) -> None:
        """Until the region answers, or nobody waits any more."""
        with self._changed:
            while region in self._down and still():
                self._changed.wait(_LOOK_SECONDS)

    def take_down(self, region: str) -> None:
        with self._changed:
            self._down = self._down | {region}
        self._tell(region, up=False)

    def bring_up(self, region: str) -> None:
        with self._changed:
            self._down = self._down - {region}
            self._changed.notify_all()
        self._tell(region, up=True)

    def _tell(self, region: str, *, up: bool) -> None:
        for watcher in self._watchers:
            watcher(region, up)
