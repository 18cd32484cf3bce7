"""Whole seconds between writes: what is restored is what was there at one."""

import math
import time
from datetime import UTC, datetime


def next_second() -> datetime:
    """Waits for it: what was written before this call is of then or earlier, what comes after is later."""
    moment = math.ceil(time.time())
    while time.time() <= moment:
        time.sleep(0.01)
    return datetime.fromtimestamp(moment, UTC)
