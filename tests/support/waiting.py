"""What comes about by itself, but not at once."""

import time
from collections.abc import Callable
from typing import Any


def eventually(probe: Callable[[], Any], patience: float = 300.0) -> Any:
    """The first answer that is not None, false or empty; patience is in seconds."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if answer := probe():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"nothing after {patience} s")
