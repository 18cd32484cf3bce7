"""What services measure of themselves, added up until CloudWatch takes it each minute."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Lock

Key = tuple[str, str, str, str, str]
"""region, namespace, metric, and the one dimension's name and value"""


@dataclass(frozen=True)
class Sums:
    """Of the values of a metric since it was last taken."""

    count: int
    total: float
    least: float
    most: float


@dataclass
class Tally:
    _sums: dict[Key, Sums] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def add(self, region: str, namespace: str, dimension: tuple[str, str], **values: float) -> None:
        """values: by metric."""
        with self._lock:
            for metric, value in values.items():
                key = (region, namespace, metric, *dimension)
                known = self._sums.get(key) or Sums(0, 0.0, value, value)
                self._sums[key] = Sums(
                    known.count + 1,
                    known.total + value,
                    min(known.least, value),
                    max(known.most, value),
                )

    def take(self, region: str) -> Iterator[tuple[Key, Sums]]:
        """What has come together of a region, which is then forgotten."""
        with self._lock:
            taken = {key: sums for key, sums in self._sums.items() if key[0] == region}
            for key in taken:
                del self._sums[key]
        yield from taken.items()


TALLY = Tally()
"""of this process"""
