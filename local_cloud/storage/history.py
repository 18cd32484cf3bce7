"""What a table has held, back to some moment: what it was then, and every version of an item since."""

import copy
import pickle
from collections import deque
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Any

MOST_BYTES = 64 * 2**20


@dataclass(slots=True)
class _Version:
    """item: the table's own as long as it is the newest, then bytes, which are small; None: deleted."""

    moment: float
    key: Hashable
    item: Any

    def put_away(self) -> int:
        """What it takes from now on, in bytes."""
        if self.item is None:
            return 0
        self.item = pickle.dumps(self.item, pickle.HIGHEST_PROTOCOL)
        return len(self.item)

    @property
    def size(self) -> int:
        return len(self.item) if isinstance(self.item, bytes) else 0


class History:
    """Of one table, whose items nobody may change in their place: a new version is another object. What
    versions that are not the newest take is limited: the oldest are forgotten first. Not for several threads.
    """

    def __init__(self, moment: float, items: Iterable[tuple[Hashable, Any]], most_bytes: int = MOST_BYTES):
        self.earliest = moment
        self._most = most_bytes
        self._first = {key: _Version(moment, key, item) for key, item in items}
        self._newest = dict(self._first)
        self._since: deque[_Version] = deque()
        self._bytes = 0

    def add(self, moment: float, key: Hashable, item: Any) -> None:
        """item: None, if it is gone. moment: taken for the last one's, if it lies before that."""
        if self._since:
            moment = max(moment, self._since[-1].moment)
        if (before := self._newest.get(key)) is not None:
            self._bytes += before.put_away()
        version = _Version(moment, key, item)
        self._newest[key] = version
        self._since.append(version)
        while self._bytes > self._most and self._since:
            self._forget_first()

    def forget_before(self, moment: float) -> None:
        while self._since and self._since[0].moment <= moment:
            self._forget_first()
        self.earliest = max(self.earliest, moment)

    def at(self, moment: float) -> list[Any]:
        """The versions of then, for `copied`."""
        found = dict(self._first)
        for version in self._since:
            if version.moment > moment:
                break
            found[version.key] = version
        return [version.item for version in found.values() if version.item is not None]

    def _forget_first(self) -> None:
        version = self._since.popleft()
        if (before := self._first.pop(version.key, None)) is not None:
            self._bytes -= before.size
        if version.item is not None:
            self._first[version.key] = version
        elif self._newest.get(version.key) is version:
            del self._newest[version.key]
        self.earliest = max(self.earliest, version.moment)


def copied(version: Any) -> Any:
    """An item that may be changed."""
    return pickle.loads(version) if isinstance(version, bytes) else copy.deepcopy(version)
