"""What is uploaded for a stack, and what that is made of: by its source, and by the contents of its files."""

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

OUTSIDE = ", outside of the assembly"
UNSTAGED = ", as it lies in the working tree"
MISSING = ", which is not there"
_CONTENTS, _DIGITS = ", of contents ", 16


@dataclass(frozen=True, kw_only=True)
class Within:
    """root: the folder of the assembly. source: the working tree that assets were left in; None: all of them
    are to be in the folder. known: contents of what has been read.
    """

    root: Path
    source: Path | None = None
    known: dict[Path, str] = field(default_factory=dict)


def made_of(
    uploaded: Sequence[Mapping[str, Any]], account: str, region: str, template: Path, within: Within
) -> Iterator[tuple[str, str]]:
    """What files and images are made of, by bucket and key, or repository and tag. template: of the stack,
    whose contents are reviewed as such.
    """
    known = {"${AWS::AccountId}": account, "${AWS::Region}": region}
    known = {name: value for name, value in known.items() if value and not value.startswith("unknown")}
    for asset in uploaded:
        source = dict(asset.get("source", {}))
        path = Path(str(source.get("path") or source.get("directory") or "."))
        file = template.parent / path
        if path.is_absolute():
            # Wherever the source lies that a synth without bundling took it from.
            source = {
                "path": f"/…/{path.name}",
                **({"packaging": source["packaging"]} if "packaging" in source else {}),
            }
        said = json.dumps(source, sort_keys=True, ensure_ascii=False)
        said += "" if file == template or "executable" in source else _where(file, within)
        for one in asset["destinations"].values():
            image = "repositoryName" in one
            names = ("repositoryName", "imageTag") if image else ("bucketName", "objectKey")
            where = (":" if image else "/").join(str(one.get(name)) for name in names)
            for name, value in known.items():
                where = where.replace(name, value)
            yield where.replace("${", "<").replace("}", ">"), said


def differ(before: str, after: str) -> bool:
    """Whether what is uploaded under one name is made of something else. What a synth left where it lies has
    the name that its source gave it: contents of it that are staged say nothing else.
    """
    staged = [one for one in (before, after) if not one.endswith((UNSTAGED, OUTSIDE))]
    if len(staged) == 1 and (before.endswith(UNSTAGED) or after.endswith(UNSTAGED)):
        return after.endswith(MISSING)
    if before.endswith(MISSING):
        return before.removesuffix(MISSING) != after.removesuffix(MISSING).partition(_CONTENTS)[0]
    return before != after


def _where(file: Path, within: Within) -> str:
    resolved = file.resolve()
    if resolved.is_relative_to(within.root):
        if resolved not in within.known:
            within.known[resolved] = _contents(resolved)
        return within.known[resolved]
    own = within.source is not None and resolved.is_relative_to(within.source)
    return UNSTAGED if own else OUTSIDE


def _contents(path: Path) -> str:
    """Of a file or folder: names, what may be run, and every byte."""
    if not path.exists():
        return MISSING
    found = hashlib.sha256()
    files = (
        [path] if path.is_file() else sorted(Path(at) / one for at, _, some in os.walk(path) for one in some)
    )
    for file in files:
        content = str(file.readlink()).encode() if file.is_symlink() else file.read_bytes()
        kind = "link" if file.is_symlink() else "run" if os.access(file, os.X_OK) else "file"
        found.update(f"{file.relative_to(path)} {kind} {len(content)}\n".encode())
        found.update(content)
    return f"{_CONTENTS}{found.hexdigest()[:_DIGITS]}"
