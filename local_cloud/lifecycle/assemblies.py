"""Assemblies that were synthesised once, by what they were synthesised from."""

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from config.place import VARIABLE
from config.place import folder as configuration

NOT_READ = (
    "tests",
    "docs",
    "benchmarks",
    "node_modules",
    "__pycache__",
    "cdk.out",
    "dist",
    "client_typescript",
)
"""by a synth; nor is what begins with a dot"""
MOST = 2
_SETTINGS = ("CDK_", VARIABLE)
"""Variables that a synth reads begin with one of these."""


def kept_in(environ: Mapping[str, str] = os.environ) -> Path:
    """The user's cache, shared by all checkouts: what is made of the same sources is the same."""
    base = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "recommendations-as-code" / "assemblies"


def checksum(app: str, folder: Path) -> str:
    """Of all that a synth reads: files, also of the configuration, the command, packages, settings."""
    digest = hashlib.sha256()
    settings = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith(_SETTINGS))
    packages = sorted(f"{one.name} {one.version}" for one in metadata.distributions())
    for text in (app, sys.version, *packages, *settings):
        digest.update(text.encode() + b"\0")
    for place in dict.fromkeys((folder, configuration())):
        for file in sorted(_read(place)):
            digest.update(str(file.relative_to(place)).encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def _read(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name not in NOT_READ and not name.startswith(".")]
        yield from (
            Path(place) / name for name in files if not name.startswith(".") and not name.endswith(".pyc")
        )


class KeptAssemblies:
    """At most MOST of them, below one folder; the one that was not used for longest goes first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def take(self, key: str, place: Path) -> bool:
        """Puts a copy there in place of what is there; False where there is none."""
        kept = self._folder / key
        if not kept.is_dir():
            return False
        with suppress(FileNotFoundError):
            shutil.rmtree(place)
        try:
            shutil.copytree(kept, place)
            os.utime(kept)
        except (OSError, shutil.Error):  # another process has thrown it away meanwhile
            shutil.rmtree(place, ignore_errors=True)
            return False
        return True

    def keep(self, key: str, place: Path) -> None:
        """Whole or not at all; a folder that cannot be written to keeps nothing."""
        with suppress(OSError, shutil.Error):
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder) as temporary:
                copy = Path(temporary) / key
                shutil.copytree(place, copy)
                copy.rename(self._folder / key)
            by_use = sorted(
                (path for path in self._folder.iterdir() if len(path.name) == len(key)),
                key=lambda path: path.stat().st_mtime,
            )
            for old in by_use[:-MOST]:
                shutil.rmtree(old, ignore_errors=True)
