"""What tests of costs share: a day, assemblies, settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from config.schema import StageConfig, UseCase
from config.use_cases import USE_CASES
from costs.estimating.what_if import fixed_alone
from costs.usage.line import Line
from costs.usage.setting import Setting
from costs.usage.volumes import Volumes
from review.reading.assemblies import Stack
from tests.app.support.business.stages import PROD

TODAY = date(2026, 11, 30)


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


@cache
def alone() -> Sequence[Line]:
    """What is counted in the templates of production with its first region only."""
    return fixed_alone(PROD)


def setting(*, stage: StageConfig = PROD, use_case: UseCase | None = None, **volumes: Any) -> Setting:
    return Setting(stage=stage, use_case=use_case or case("posts"), volumes=replace(Volumes(), **volumes))


def case(name: str) -> UseCase:
    return next(one for one in USE_CASES if one.name == name)
