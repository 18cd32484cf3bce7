"""What CloudFormation does to each changed resource, by `@aws-cdk/cloudformation-diff`, in one process.

Source: the resource types' own schemas, by which a changed property updates a resource or replaces it.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from review.reading.templates import Template

ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = Path(__file__).with_name("impacts.js")


class How(Enum):
    """What becomes of a resource."""

    ADDED = "added"
    CHANGED = "changed"
    MAY_BE_REPLACED = "may be replaced"
    REPLACED = "replaced"
    REMOVED = "removed"
    ORPHANED = "orphaned"


_WORDS = {
    "WILL_CREATE": How.ADDED,
    "WILL_IMPORT": How.ADDED,
    "WILL_UPDATE": How.CHANGED,
    "MAY_REPLACE": How.MAY_BE_REPLACED,
    "WILL_REPLACE": How.REPLACED,
    "WILL_DESTROY": How.REMOVED,
    "WILL_ORPHAN": How.ORPHANED,
    # Of a type or a property that it does not know, though it differs.
    "NO_CHANGE": How.CHANGED,
}


class DiffFailed(RuntimeError):
    """Node or the package is not there, or refuses the templates; the message says what to do."""


@dataclass(frozen=True, kw_only=True)
class Impact:
    """properties: what the change of each does. others: changed attributes, such as DeletionPolicy."""

    how: How
    properties: Mapping[str, How]
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Impacts:
    """resources: by logical id. sections: changed parts of the template besides resources."""

    resources: Mapping[str, Impact]
    sections: tuple[str, ...] = ()


Pairs = Mapping[str, tuple[Template, Template]]


def impacts_of(pairs: Pairs) -> dict[str, Impacts]:
    """By the keys of the pairs. Raises: DiffFailed, if Node or the package is absent or fails."""
    if not pairs:
        return {}
    environment = {**os.environ, "NODE_PATH": str(ROOT / "node_modules")}
    command = [_node(), str(_SCRIPT)]
    text = json.dumps({key: [before, after] for key, (before, after) in pairs.items()})
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        if "MODULE_NOT_FOUND" in done.stderr:
            raise DiffFailed("node_modules has no @aws-cdk/cloudformation-diff: `make install` puts it there")
        lines = [line for line in done.stderr.splitlines() if "Error" in line] or ["no message"]
        raise DiffFailed(f"@aws-cdk/cloudformation-diff cannot compare the templates: {lines[0]}")
    return {key: _impacts(found) for key, found in json.loads(done.stdout).items()}


def _impacts(found: Mapping[str, object]) -> Impacts:
    resources, sections = found["resources"], found["sections"]
    assert isinstance(resources, dict) and isinstance(sections, list)
    return Impacts(
        resources={
            name: Impact(
                how=_WORDS[one["impact"]],
                properties={key: _WORDS[word] for key, word in one["properties"].items()},
                others=tuple(one["others"]),
            )
            for name, one in resources.items()
        },
        sections=tuple(sections),
    )


def _node() -> str:
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    if found is None:
        raise DiffFailed("there is no Node.js: `make install` puts it beside Python")
    return found
