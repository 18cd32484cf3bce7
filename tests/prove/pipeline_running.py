"""A working copy of the repository in which jobs of its workflow files are run, as a runner does."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.delivery.workflow_reading import ROOT, read

_EXPRESSION = re.compile(r"\$\{\{ (.+?) \}\}")
_VARIABLE = re.compile(r"\$(\w+)")
_INSTALLED = (".venv", "node_modules", ".layers")
_MADE_OF = ("install.py", "requirements*.txt", "package*.json", ".npmrc", "lambda_src/requirements-*.txt")


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Tests", "-c", "user.email=tests@example.com", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


@dataclass(frozen=True)
class Copy:
    """environment: of every step, besides its own."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_this_tree(cls, folder: Path) -> "Copy":
        """As it lies there, committed or not, with what is installed here."""
        listed = git(ROOT, "ls-files", "-co", "--exclude-standard", "-z")
        for name in filter(None, listed.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)
        for name in _INSTALLED:
            (folder / name).symlink_to((ROOT / name).resolve())
        # What mypy knows of the same files; it looks at their contents.
        if (ROOT / ".mypy_cache").exists():
            shutil.copytree(ROOT / ".mypy_cache", folder / ".mypy_cache")
        # Nothing is newer than what was installed of it.
        for pattern in _MADE_OF:
            for file in folder.glob(pattern):
                os.utime(file, (0, 0))
        git(folder, "init", "--quiet")
        # They are links here, which patterns of folders do not mean.
        (folder / ".git" / "info").mkdir(exist_ok=True)
        (folder / ".git" / "info" / "exclude").write_text("\n".join(_INSTALLED), encoding="utf-8")
        return cls(folder)

    def commit(self) -> str:
        git(self.folder, "add", "--all")
        git(self.folder, "commit", "--quiet", "--allow-empty", "--message", "A change")
        return git(self.folder, "rev-parse", "HEAD")

    def edit(self, file: str, before: str, after: str) -> None:
        text = (self.folder / file).read_text(encoding="utf-8")
        assert before in text
        (self.folder / file).write_text(text.replace(before, after), encoding="utf-8")

    def bash(self, script: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=self.folder,
            env={**kept, **self.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )

    def step(
        self, workflow: str, job: str, name: str, known: Mapping[str, str] | None = None, code: int = 0
    ) -> dict[str, str]:
        """What a step of GitHub's puts out. known: what expressions of its environment stand for."""
        steps = read(self.folder / ".github" / "workflows" / workflow)["jobs"][job]["steps"]
        [found] = [step for step in steps if step.get("name") == name]
        files = {one: self.folder / ".git" / one.lower() for one in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for file in files.values():
            file.write_text("", encoding="utf-8")
        own = {key: _filled(str(value), known or {}) for key, value in found.get("env", {}).items()}
        done = self.bash(found["run"], {key: str(file) for key, file in files.items()} | own)
        assert done.returncode == code, done.stdout + done.stderr
        return _variables(files["GITHUB_OUTPUT"].read_text(encoding="utf-8"))

    def job(self, document: Mapping[str, Any], name: str, known: Mapping[str, str]) -> str:
        """What a job of GitLab's prints. known: variables of GitLab's own, and those of jobs before."""
        job, known = document[name], {"CI_PROJECT_DIR": str(self.folder), **known}
        own = {
            key: _VARIABLE.sub(lambda m: known.get(m[1], m[0]), str(v)) for key, v in job["variables"].items()
        }
        lines: Sequence[str] = [*job.get("before_script", ()), *job["script"]]
        done = self.bash("\n".join(lines), {**known, **own})
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def variables(self, file: str) -> dict[str, str]:
        return _variables((self.folder / file).read_text(encoding="utf-8"))


def _filled(text: str, known: Mapping[str, str]) -> str:
    """Raises: KeyError, if an expression is not known."""
    return _EXPRESSION.sub(lambda match: known[match[1]], text)


def _variables(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines())
