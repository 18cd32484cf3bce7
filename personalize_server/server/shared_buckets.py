"""Token buckets that all processes of a server take from, in a file that each maps into memory."""

import fcntl
import hashlib
import mmap
import struct
import time
from collections.abc import Callable, Iterable
from pathlib import Path

_SLOT = struct.Struct("<Qd")
"""whose bucket it is, and when it is full again (seconds of the clock)"""
_SLOTS = 16_384
_NEIGHBOURS = 16
"""places where a bucket may be found; where all are taken, the one that is full soonest is given up"""


class SharedBuckets:
    """A bucket holds one second's worth of requests, one at least.

    The file is to be removed when a server starts: times in it are of the machine's clock since it started.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._file = path.open("a+b")
        self._file.truncate(_SLOTS * _SLOT.size)
        self._slots = mmap.mmap(self._file.fileno(), _SLOTS * _SLOT.size)

    def take(self, wanted: Iterable[tuple[str, float]]) -> bool:
        """One from the bucket of each name, filled at this rate (per second); from all or from none."""
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            now = self._clock()
            taken = []
            for name, rate in wanted:
                owner = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) or 1
                place, full = self._place(owner, now)
                full = max(full, now) + 1 / rate
                if full - now > max(rate, 1.0) / rate * (1 + 1e-9):
                    return False
                taken.append((place, owner, full))
            for place, owner, full in taken:
                _SLOT.pack_into(self._slots, place, owner, full)
            return True
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        self._slots.close()
        self._file.close()

    def _place(self, owner: int, now: float) -> tuple[int, float]:
        """Where the owner's bucket is or may be put, and when it is full."""
        best, soonest = 0, float("inf")
        for step in range(_NEIGHBOURS):
            place = (owner + step) % _SLOTS * _SLOT.size
            found, full = _SLOT.unpack_from(self._slots, place)
            if found == owner:
                return place, full
            if full < soonest:
                best, soonest = place, full
        return best, now
