"""Contents of layers, made once and kept under the name of everything that they depend on."""

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

APP = "recommendations-as-code"


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's, shared by all checkouts: building takes a network, and what is built never changes."""
    base = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / APP / "layers"


def built_once(cache: Path, fingerprint: str, build: Callable[[Path], None]) -> Path:
    """The finished folder, built first if need be; it appears whole or not at all."""
    finished = cache / fingerprint
    if not finished.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="building-") as building:
            content = Path(building) / "content"
            build(content)
            try:
                content.rename(finished)
            except OSError:
                if not finished.is_dir():  # else another process was first, with the same content
                    raise
    return finished
