"""Builds the wheels of this repository's parts: a part's folder, under a name that no other package has.

In the repository the engine is `engine`, and the constructs join the published package `constructs`; whoever
installs them from a wheel imports `recs_engine` and `recs_constructs`. This hook of hatchling copies a part's
folder with its imports renamed, and puts beside it what it needs.
"""

import ast
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parents[1]
RENAMED = {"engine": "recs_engine", "constructs": "recs_constructs"}
_CACHES = shutil.ignore_patterns("__pycache__", "*.pyc")


class StagingHook(BuildHookInterface[Any]):
    """`[tool.hatch.build.hooks.custom]` says which part, and which folders go into its package unchanged."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        part = str(self.config["part"])
        self._staged = Path(tempfile.mkdtemp(prefix="wheel-"))
        package = self._staged / RENAMED.get(part, part)
        stage(ROOT / part, package)
        for folder in self.config.get("beside", ()):
            shutil.copytree(ROOT / folder, package / folder, ignore=_CACHES)
        build_data["force_include"][str(package)] = package.name

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        shutil.rmtree(self._staged, ignore_errors=True)


def stage(source: Path, target: Path) -> None:
    """Raises: ValueError, if a file would still import what the wheel does not have."""
    shutil.copytree(source, target, ignore=_CACHES)
    (target / "py.typed").touch()
    for file in target.rglob("*.py"):
        text = renamed(file.read_text(encoding="utf-8"))
        for name in imported(text):
            if _OURS.match(name):
                raise ValueError(f"{file.relative_to(target)} imports {name}, which the wheel does not have")
        file.write_text(text, encoding="utf-8")


def _modules() -> Iterator[str]:
    for part in RENAMED:
        yield from (
            rf"{part}\.{path.stem}" for path in sorted((ROOT / part).iterdir()) if path.stem[0] != "_"
        )
    yield r"engine(?!\.)"


_OURS = re.compile(rf"(?:{'|'.join(_modules())})(?!\w)")
_DOTTED = re.compile(rf"(?<![\w./])(?={'|'.join(_modules())})(engine|constructs)(?=\.)")


def renamed(text: str) -> str:
    """Dotted names of our own modules, wherever they stand; `constructs` alone is the published package."""
    text = _DOTTED.sub(lambda match: RENAMED[match[1]], text)
    engine = RENAMED["engine"]
    text = re.sub(r"^(\s*)import engine$", rf"\1import {engine} as engine", text, flags=re.MULTILINE)
    text = re.sub(r"^(\s*from )engine(?= import )", rf"\1{engine}", text, flags=re.MULTILINE)
    return re.sub(r"-m engine\b", f"-m {engine}", text)


def imported(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
