"""The time of the local cloud, for what is to happen day after day: its functions see it, and executions
start by it. It is this machine's unless somebody has moved it.
"""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

NAME = "clock"


@dataclass(frozen=True)
class Clock:
    """Of a cloud, in the folder of its state. Functions that ran before it was first moved start anew."""

    folder: Path

    @property
    def away(self) -> float | None:
        """Seconds that it goes before this machine's; None: it was never moved."""
        # Every write to a table asks: a clock that was never moved has to cost next to nothing.
        if not os.access(f"{self.folder}/{NAME}", os.F_OK):
            return None
        with suppress(FileNotFoundError):
            return float((self.folder / NAME).read_text())
        return None

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + (self.away or 0.0), UTC)

    def move(self, to: datetime) -> None:
        """From there it goes on as this machine's does."""
        self.go(to.timestamp() - time.time())

    def go(self, away: float) -> None:
        """away: seconds before this machine's; 0 puts it right."""
        fresh = self.folder / f"{NAME}.new"
        fresh.write_text(repr(away))
        fresh.replace(self.folder / NAME)
