"""What tests of costs share: a day, templates from the snapshots, settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from config.schema import StageConfig, UseCase
from config.stages import PROD, STAGES
from config.use_cases import USE_CASES
from costs.usage.setting import Setting
from costs.usage.volumes import Volumes
from review.reading.assemblies import Stack
from review.snapshots.files import templates_in
from tests.app.support.snapshots import FOLDER

TODAY = date(2026, 11, 30)


@cache
def stacks() -> Sequence[Stack]:
    """Of all stages whose templates are kept, which are what a synth gives (tests/app/synth)."""
    files = {
        file.relative_to(FOLDER).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(FOLDER.rglob("*.json"))
    }
    accounts = {stage.name.capitalize(): stage.account for stage in STAGES}
    found = []
    for name, template in templates_in(files).items():
        stage, _, rest = name.partition("-")
        found.append(Stack(name, name, accounts[stage], rest.rpartition("-")[0], template))
    return tuple(found)


def write_assembly(folder: Path, given: Sequence[Stack]) -> Path:
    """As far as a synth's folder is read."""
    artifacts = {}
    for stack in given:
        (folder / f"{stack.name}.json").write_text(json.dumps(stack.template), encoding="utf-8")
        artifacts[stack.name] = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://{stack.account}/{stack.region}",
            "properties": {"templateFile": f"{stack.name}.json", "stackName": stack.name},
        }
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
    return folder


def setting(*, stage: StageConfig = PROD, use_case: UseCase | None = None, **volumes: Any) -> Setting:
    return Setting(stage=stage, use_case=use_case or case("posts"), volumes=replace(Volumes(), **volumes))


def case(name: str) -> UseCase:
    return next(one for one in USE_CASES if one.name == name)
