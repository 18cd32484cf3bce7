"""MovieLens 100K: fetched onto this machine, verified, cached outside the repository, never committed."""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

LICENCE = """\
MovieLens 100K was collected by GroupLens Research at the University of Minnesota. Its terms in short:
  - for research use; no commercial or revenue-bearing use without GroupLens's permission
  - no redistribution without separate permission
  - no claim of endorsement by the University of Minnesota or GroupLens; no warranty of any kind
  - publications cite: F. M. Harper, J. A. Konstan. The MovieLens Datasets: History and Context.
    ACM Transactions on Interactive Intelligent Systems 5(4), Article 19, 2015."""

_PACKAGE = "recbole==1.2.1"
_MEMBER = "recbole/dataset_example/ml-100k/{}"
_FILES = {
    "ml-100k.inter": (1_979_230, "4edb74e2a81178c2ba9ff381495f754f996c4aea351b1272ca36b43da0935eff"),
    "ml-100k.item": (66_632, "51d7cdf777ce5c0f5b32c1d947a4a81fe07d75e78abbe761e0cd4d0756064532"),
    "ml-100k.user": (22_697, "4f670007d9cfbeb9807e757209af1555b9bcc186bde25e767f67cb67c6dd5972"),
}


class MovieLensUnavailable(Exception):
    """The data is neither cached nor to be had; the message says what to do."""


def cache_folder(environ: Mapping[str, str] = os.environ) -> Path:
    base = Path(environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "recommendations-as-code" / "ml-100k"


def fetch(folder: Path | None = None) -> Path:
    """The folder with ml-100k.inter, .item and .user; downloads them (2 MB) if they are not there.

    Raises: MovieLensUnavailable, if they are not what is expected.
    """
    folder = folder or cache_folder()
    if not _damaged(folder):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="download-") as scratch:
        _unpack(_download(Path(scratch)), Path(scratch))
        if damaged := _damaged(Path(scratch)):
            raise MovieLensUnavailable(f"{_PACKAGE} does not carry the expected data: {'; '.join(damaged)}")
        for name in _FILES:
            (Path(scratch) / name).replace(folder / name)
    return folder


def _damaged(folder: Path) -> list[str]:
    """What is wrong with the files in a folder; nothing if they are the pinned ones."""
    problems = []
    for name, (size, digest) in _FILES.items():
        path = folder / name
        if not path.is_file():
            problems.append(f"{name} is missing")
        elif path.stat().st_size != size:
            problems.append(f"{name} has {path.stat().st_size} bytes instead of {size}")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            problems.append(f"{name} has another checksum")
    return problems


def _download(scratch: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    what = ["--no-deps", "--only-binary", ":all:", "--dest", str(scratch), _PACKAGE]
    done = subprocess.run([*pip, *what], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    wheels = sorted(scratch.glob("*.whl"))
    if done.returncode or not wheels:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise MovieLensUnavailable(
            f"MovieLens 100K could not be downloaded (it ships inside the Python package {_PACKAGE}): "
            f"{errors[-1] if errors else done.stderr.strip() or 'pip found nothing'}\n"
            "Connect to a package index and try again, or copy ml-100k.inter, ml-100k.item and ml-100k.user "
            f"to {cache_folder()}, or take other data instead (--data generated)."
        )
    return wheels[0]


def _unpack(wheel: Path, folder: Path) -> None:
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name in _FILES:
                (folder / name).write_bytes(archive.read(_MEMBER.format(name)))
    except (zipfile.BadZipFile, KeyError) as error:
        raise MovieLensUnavailable(f"{wheel.name} is not the package that was expected: {error}") from error
