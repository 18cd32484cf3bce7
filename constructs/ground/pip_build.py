"""Packages for Lambda's platform, built by pip without Docker, each set once.

    python -m constructs.ground.pip_build REQUIREMENTS...

builds what is not in the cache yet; it needs pip and nothing else.
"""

import hashlib
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from constructs.ground.layer_cache import built_once, cache_folder

PYTHON = "3.13"
PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64")
"""Amazon Linux 2023 has glibc 2.34, and wheels name the oldest that they run on."""


@dataclass(frozen=True)
class PipBuild:
    """Packages in a folder of the cache that is named by everything they depend on."""

    requirements: Path
    cache: Path = field(default_factory=cache_folder)

    @property
    def fingerprint(self) -> str:
        parts = (self.requirements.read_text(encoding="utf-8"), PYTHON, *PLATFORMS)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def folder(self) -> Path:
        """The finished folder, built first if need be; it appears whole or not at all."""
        return built_once(self.cache, self.fingerprint, lambda content: self._install(content / "python"))

    def _install(self, target: Path) -> None:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
        subprocess.run(
            [
                *pip,
                *("--no-compile", "--no-deps", "--only-binary", ":all:", "--implementation", "cp"),
                *("--python-version", PYTHON, *platforms),
                *("--target", str(target), "--requirement", str(self.requirements)),
            ],
            check=True,
            stdout=sys.stderr,
        )


def main(files: Sequence[str]) -> int:
    """0, or 1 if one could not be built: pip has said why, and the others are there."""
    with ThreadPoolExecutor(max_workers=5) as pool:  # pip mostly waits for the index
        builds = [pool.submit(PipBuild(requirements=Path(file)).folder) for file in files]
    errors = [error for build in builds if (error := build.exception())]
    for error in errors:
        if not isinstance(error, subprocess.CalledProcessError):
            raise error
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
