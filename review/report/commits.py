"""From a commit, or a working tree, to its assembly: a synth without the CDK CLI or credentials."""

import json
import os
import shlex
import subprocess
import sys
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_INSTALLED = (".venv", "node_modules", ".layers")
_SOURCE = "source"
_CONTEXT: dict[str, list[str]] = {"aws:cdk:bundling-stacks": []}
"""layers are left without their packages: their hashes stay what they are"""


class NoAssembly(RuntimeError):
    """What was named is neither an assembly, nor a working tree, nor a commit, or its synth failed."""


@contextmanager
def assemblies_of(named: Sequence[str], scratch: Path, root: Path = ROOT) -> Iterator[list[Path]]:
    """Folders of assemblies, made at the same time where they have to be. named: folders of assemblies or of
    working trees, or commits of the repository at `root`. scratch: an empty folder.

    Raises: NoAssembly, with the reasons for all.
    """
    begun: list[tuple[Path, subprocess.Popen[bytes] | None, str]] = []
    problems = []
    try:
        for number, name in enumerate(named):
            try:
                begun.append(_begin(name, scratch / str(number), root))
            except NoAssembly as error:
                problems.append(str(error))
        folders = []
        for folder, process, name in begun:
            if process is not None:
                output, _ = process.communicate()
                if process.returncode:
                    last = output.decode(errors="replace").strip()[-2000:]
                    problems.append(f"the synth of {name} failed:\n{last}")
            folders.append(folder)
        if problems:
            raise NoAssembly("\n".join(problems))
        yield folders
    finally:
        for _, process, _ in begun:
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


def source_of(name: str, folder: Path) -> Path | None:
    """The working tree that the assembly in `folder` was synthesised from; None, if it was there before."""
    if (Path(name) / "manifest.json").exists():
        return None
    return Path(name) if (Path(name) / "cdk.json").exists() else folder.parent / _SOURCE


def is_commit(name: str, root: Path = ROOT) -> bool:
    return _git(root, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}").returncode == 0


def fork_of(base: str, head: str, root: Path = ROOT) -> str:
    """The commit at which `head` left `base`: what the base got since then is no part of the change."""
    found = _git(root, "merge-base", base, head)
    return found.stdout.decode().strip() if found.returncode == 0 else base


def text_at(name: str, file: Path, root: Path = ROOT) -> str | None:
    """A file of a working tree or commit, by its path from the root; empty, if it is not there. None: the
    name is that of neither, but perhaps of an assembly.
    """
    folder = Path(name)
    if (folder / "manifest.json").exists():
        return None
    if (folder / "cdk.json").exists():
        return (folder / file).read_text(encoding="utf-8") if (folder / file).exists() else ""
    if not is_commit(name, root):
        return None
    found = _git(root, "show", f"{name}:{file.as_posix()}")
    return found.stdout.decode() if found.returncode == 0 else ""


def _begin(name: str, scratch: Path, root: Path) -> tuple[Path, "subprocess.Popen[bytes] | None", str]:
    folder = Path(name)
    if (folder / "manifest.json").exists():
        return folder, None, name
    scratch.mkdir(parents=True)
    if (folder / "cdk.json").exists():
        source = folder.resolve()
    elif is_commit(name, root):
        source = scratch / _SOURCE
        _extract(name, source, root)
    else:
        raise NoAssembly(
            f"{name} is no folder with manifest.json or cdk.json, and no commit of this repository"
        )
    return scratch / "cdk.out", _synth(source, scratch / "cdk.out"), name


def _synth(source: Path, out: Path) -> "subprocess.Popen[bytes]":
    environment = {
        **os.environ,
        "CDK_OUTDIR": str(out),
        "CDK_CONTEXT_JSON": json.dumps(_CONTEXT),
        "CDK_VALIDATION": "false",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
    }
    environment.pop("PYTHONPATH", None)
    command = shlex.split(json.loads((source / "cdk.json").read_text(encoding="utf-8"))["app"])
    # The interpreter that runs this has what is installed; a fresh copy of the source has not.
    command = [sys.executable if "python" in Path(part).name else part for part in command]
    return subprocess.Popen(
        command, cwd=source, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def _extract(commit: str, folder: Path, root: Path) -> None:
    archive = _git(root, "archive", "--format=tar", commit)
    if archive.returncode:
        raise NoAssembly(f"{commit}: {archive.stderr.decode().strip()}")
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as tar:
        # Python 3.11.0 to 3.11.3 have no filters; they ignore the attribute.
        tar.extraction_filter = getattr(tarfile, "data_filter", None)
        tar.extractall(folder)
    for name in _INSTALLED:
        if (root / name).exists() and not (folder / name).exists():
            (folder / name).symlink_to((root / name).resolve())


def _git(root: Path, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, check=False)
