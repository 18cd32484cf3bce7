"""How long the disk itself takes to keep what is written."""

import os
import tempfile
import time
from pathlib import Path

_BLOCK = b"x" * 4096
_BLOCKS = 1024


def synced(folder: Path, *, seconds: float) -> str:
    """Writes and syncs a block after the other, over and over in a file of 4 MiB: percentiles as text."""
    times = list[float]()
    with tempfile.TemporaryFile(dir=folder) as file:
        until = time.perf_counter() + seconds
        while (started := time.perf_counter()) < until:
            os.pwrite(file.fileno(), _BLOCK, len(times) % _BLOCKS * len(_BLOCK))
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - started)
    times.sort()
    shown = {f"p{share:g}": times[int(len(times) * share / 100)] for share in (50, 90, 99, 99.9)}
    return ", ".join(f"{name} {took * 1000:.2f} ms" for name, took in {**shown, "most": times[-1]}.items())
