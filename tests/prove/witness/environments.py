"""Environments of their own for tools that the tests start and never import. Takes a package index."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def environment(folder: Path, *requirements: str) -> Path:
    """The folder of the commands of a new venv that has these; `-r` and a file are two."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install: list[str | Path] = [
        folder / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]
    done = subprocess.run([*install, *requirements], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "bin"
