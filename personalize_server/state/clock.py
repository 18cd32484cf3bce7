"""The time by which states are told: it never goes back, whatever the machine's clock does."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True)
class Moment:
    """wall: seconds since 1970. monotonic: seconds of the clock that nobody sets, since `boot`."""

    wall: float
    monotonic: float
    boot: str


class SteadyClock:
    """The machine's clock, or how far it would be had nobody set it back since the moment `known`.

    Where it was ahead by mistake, this one stays ahead until the other has caught up.
    """

    def __init__(
        self,
        known: Moment | None = None,
        *,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        boot: str | None = None,
    ) -> None:
        self._wall, self._monotonic = wall, monotonic
        self._boot = _boot() if boot is None else boot
        self._lock = threading.Lock()
        self._last = Moment(wall(), monotonic(), self._boot)
        if known is not None:
            counts = bool(self._boot) and known.boot == self._boot
            passed = max(self._last.monotonic - known.monotonic, 0.0) if counts else 0.0
            self._advance(known.wall + passed)

    def now(self) -> float:
        """Seconds since 1970, never fewer than before."""
        return self.moment().wall

    def moment(self) -> Moment:
        with self._lock:
            monotonic = self._monotonic()
            wall = self._last.wall + max(monotonic - self._last.monotonic, 0.0)
            self._last = Moment(max(wall, self._wall()), monotonic, self._boot)
            return self._last

    def _advance(self, wall: float) -> None:
        self._last = Moment(max(wall, self._last.wall), self._last.monotonic, self._boot)


@cache
def _boot() -> str:
    """Which start of the machine this is; elsewhere than on Linux nobody says."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""
