"""Installs what the commands of this repository need: `.venv`, `node_modules` and the functions' layers.

    python3 install.py [--dev]

Runs on any Python from 3.11 on, with nothing else installed. Python packages are fetched by uv, which takes a
tenth of pip's time, and by pip where uv cannot be had; both keep to pip's settings.
"""

import argparse
import os
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

OLDEST = (3, 11)
UV = "uv==0.13.9"
_LAST_LINES = 25
_INDEX = "Is the package index reached? pip's settings say which one: pip config list."
_UV_FROM_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "no-index": "UV_NO_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "constraint": "UV_CONSTRAINT",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
    "cert": "SSL_CERT_FILE",
    "client-cert": "SSL_CLIENT_CERT",
}
"""What of pip's settings uv knows under another name (https://docs.astral.sh/uv/reference/environment/)."""
_COMMA_SEPARATED = ("UV_FIND_LINKS",)
_RARE = frozenset({"requirements-parquet.txt"})
"""Of layers that few stages have: one that is missing is made when such a stage is synthesised."""


class StepError(Exception):
    """A step failed: which one, the command and the end of what it printed, and what to do."""


@dataclass(frozen=True)
class Command:
    """remedy: what to do when it fails."""

    words: Sequence[str]
    remedy: str
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, folder: Path) -> str:
        """What it prints.

        Raises:
            StepError: it cannot be started, or ends with another code than 0.
        """
        environment = {**os.environ, **self.environment}
        try:
            done = subprocess.run(
                self.words,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                check=False,
            )
        except OSError as error:
            raise StepError(f"{shlex.join(self.words)}\n{error}\n{self.remedy}") from error
        if done.returncode:
            last = "\n".join(done.stdout.splitlines()[-_LAST_LINES:])
            raise StepError(
                f"{shlex.join(self.words)}\nended with exit code {done.returncode}:\n{last}\n{self.remedy}"
            )
        return done.stdout


@dataclass(frozen=True)
class Installation:
    """Everything below `root`; `say` is told each step as it begins and ends."""

    root: Path
    say: Callable[[str], None]

    @property
    def _bin(self) -> Path:
        return self.root / ".venv" / "bin"

    @property
    def _python(self) -> str:
        return str(self._bin / "python")

    def make(self, *, dev: bool) -> None:
        """Python packages first: Node comes with them. Layers need pip only, and are made beside them.

        Raises:
            StepError: with every step that failed.
        """
        self._step("virtual environment", self._virtual_environment)
        with ThreadPoolExecutor(max_workers=2) as pool:
            layers = pool.submit(
                self._step, "packages of the functions' layers", lambda: self._layers(dev=dev)
            )
            others = pool.submit(self._packages_and_node, dev=dev)
        errors = [error for future in (others, layers) if (error := future.exception())]
        if unforeseen := [error for error in errors if not isinstance(error, StepError)]:
            raise unforeseen[0]
        if errors:
            raise StepError("\n\n".join(map(str, errors)))

    def _packages_and_node(self, *, dev: bool) -> None:
        files = ["requirements.txt", *(["requirements-dev.txt"] if dev else [])]
        self._step(f"Python packages of {' and '.join(files)}", lambda: self._packages(files))
        self._step("Node packages of package-lock.json", lambda: self._node(dev=dev))

    def _virtual_environment(self) -> str:
        version = ".".join(map(str, sys.version_info[:3]))
        if not (Path(self._python).exists() and (self._bin / "pip").exists()):
            words = [sys.executable, "-m", "venv", str(self.root / ".venv")]
            remedy = "Debian and Ubuntu keep the module venv apart: apt install python3-venv."
            Command(words, remedy).run(self.root)
        return f"Python {version}"

    def _packages(self, files: Sequence[str]) -> str:
        wanted = [word for file in files for word in ("--requirement", file)]
        pip = Command([self._python, "-m", "pip", "install", "--quiet", *wanted], _INDEX)
        try:
            uv = self._uv()
            words = [uv, "pip", "install", "--quiet", "--python", self._python, *wanted]
            Command(words, "", uv_settings(self._pip_settings(), os.environ)).run(self.root)
        except StepError as error:
            self.say(f"uv cannot be used, pip takes its place, which takes longer:\n{error}")
            pip.run(self.root)
            return "pip"
        return "uv"

    def _uv(self) -> str:
        """The one that is on the path already, else from the package index."""
        if found := shutil.which("uv", path=f"{self._bin}{os.pathsep}{os.environ.get('PATH', '')}"):
            return found
        Command([self._python, "-m", "pip", "install", "--quiet", UV], "").run(self.root)
        return str(self._bin / "uv")

    def _pip_settings(self) -> str:
        return Command([self._python, "-m", "pip", "config", "list"], "").run(self.root)

    def _node(self, *, dev: bool) -> str:
        folder = self.root / "node_modules"
        if folder.is_symlink():
            raise StepError(
                f"{folder} is a link to {folder.readlink()}, which npm would empty: remove the link, or "
                "install there"
            )
        words = [str(self._bin / "npm"), "ci", "--loglevel=error", "--no-audit", "--no-fund"]
        remedy = "Is the npm registry reached? npm's settings say which one: .venv/bin/npm config list."
        path = f"{self._bin}{os.pathsep}{os.environ.get('PATH', '')}"
        Command([*words, *([] if dev else ["--omit=dev"])], remedy, {"PATH": path}).run(self.root)
        return "npm"

    def _layers(self, *, dev: bool) -> str:
        found = sorted(self.root.glob("lambda_src/requirements-*.txt"))
        files = [str(file) for file in found if dev or file.name not in _RARE]
        Command([self._python, "-m", "constructs.ground.pip_build", *files], _INDEX).run(self.root)
        return f"{len(files)} layers"

    def _step(self, name: str, work: Callable[[], str]) -> None:
        self.say(f"{name} ...")
        began = time.monotonic()
        try:
            how = work()
        except StepError as error:
            raise StepError(f"{name}: {error}") from error
        self.say(f"{name}: {time.monotonic() - began:.1f} s ({how})")


def uv_settings(pip_config: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Environment of uv that says what pip's settings say; what the user has set for uv stays.

    pip_config: what `pip config list` prints, a line `section.name='value'` each; later ones count.
    """
    found = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_NO_PROGRESS": "1"}
    for line in pip_config.splitlines():
        name, _, value = line.partition("=")
        variable = _UV_FROM_PIP.get(name.strip(":.").rpartition(".")[2])
        if variable and name.rpartition(".")[0] in ("global", "install", "user", ":env:"):
            words = value.strip().strip("'\"").replace("\\n", " ").split()
            found[variable] = ("," if variable in _COMMA_SEPARATED else " ").join(words)
    return {name: value for name, value in found.items() if name not in environment}


def _say(line: str) -> None:
    """In one piece: steps that go on side by side speak in turn."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """0, or 1 if a step failed: what is there already stays, and the next run goes on from it."""
    parser = argparse.ArgumentParser(description="Installs .venv, node_modules and the functions' layers.")
    parser.add_argument("--dev", action="store_true", help="also what tests, style and types need")
    options = parser.parse_args(arguments)
    if sys.version_info < OLDEST:
        print(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}: make PYTHON=python3.12 ...")
        return 1
    try:
        Installation(Path(__file__).parent, _say).make(dev=options.dev)
    except StepError as error:
        print(f"\nThe set-up failed at a step:\n{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
