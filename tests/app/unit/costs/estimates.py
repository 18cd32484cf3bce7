"""What tests of costs share: a day, templates of production from the snapshots, settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from config.schema import StageConfig, UseCase
from config.stages import PROD
from config.use_cases import USE_CASES
from costs.usage.setting import Setting
from costs.usage.volumes import Volumes
from review.assemblies import Stack
from review.snapshots import templates_in
from tests.app.support.snapshots import FOLDER

TODAY = date(2026, 11, 30)


@cache
def stacks() -> Sequence[Stack]:
    """Of all stages whose templates are kept, which are what a synth gives (tests/app/synth)."""
    files = {
        file.relative_to(FOLDER).as_posix(): file.read_text(encoding="utf-8")
        for file in sorted(FOLDER.rglob("*.json"))
    }
    found = []
    for name, template in templates_in(files).items():
        place = name.rpartition("-")[0]
        account = PROD.account if name.startswith("Prod") else "111111111111"
        found.append(Stack(name, name, account, place.partition("-")[2], template))
    return tuple(found)


def setting(*, stage: StageConfig = PROD, use_case: UseCase | None = None, **volumes: Any) -> Setting:
    return Setting(stage=stage, use_case=use_case or case("posts"), volumes=replace(Volumes(), **volumes))


def case(name: str) -> UseCase:
    return next(one for one in USE_CASES if one.name == name)
