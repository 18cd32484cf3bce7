"""The workflow files of the tests' business, as those read them who run them."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from delivery.workflows.files import files

ROOT = Path(__file__).parents[2]
_FOLDER = TemporaryDirectory(prefix="workflows-")
MADE = Path(_FOLDER.name)
"""as the root of a repository that has them"""
for _path, _text in files().items():
    (MADE / _path).parent.mkdir(parents=True, exist_ok=True)
    (MADE / _path).write_text(_text, encoding="utf-8")
GITHUB, GITLAB = MADE / ".github" / "workflows", MADE / ".gitlab-ci.yml"
_NO_JOBS = {"workflow", "default", "stages", "variables"}


class _Loader(yaml.CSafeLoader):
    """YAML 1.2's truth values, as GitHub has them: `on` is a word."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool" or letter in "tTfF"]
    for letter, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def read(file: Path) -> dict[str, Any]:
    found = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)
    assert isinstance(found, dict)
    return found


def workflows() -> dict[str, dict[str, Any]]:
    """GitHub's, by name of file."""
    return {file.name: read(file) for file in sorted(GITHUB.glob("*.yml"))}


def jobs() -> dict[str, dict[str, Any]]:
    """GitHub's, by file and name."""
    return {
        f"{name} {job}": found for name, flow in workflows().items() for job, found in flow["jobs"].items()
    }


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, job in jobs().items():
        yield from ((name, step) for step in job.get("steps", ()))


def gitlab_jobs(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: job for name, job in document.items() if name not in _NO_JOBS}


def scripts(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Of each of GitLab's jobs, its lines as GitLab joins them."""
    for name, job in gitlab_jobs(document).items():
        if lines := [*job.get("before_script", ()), *job.get("script", ())]:
            yield name, "\n".join(lines)
