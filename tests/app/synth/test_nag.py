"""No finding of cdk-nag without a reason, given where it occurs."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
from cdk_nag import AwsSolutionsChecks

from app import build_app
from config.schema import StageConfig
from tests.app.support.business.stages import STAGES


def test_production_with_one_more_region_has_no_unexplained_nag_finding(third_region: Path) -> None:
    """Its synth fails on one."""
    assert list(third_region.glob("assembly-Prod-*/*.template.json"))


@pytest.mark.prove
@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_no_unexplained_nag_finding(stage: StageConfig, no_bundling: dict[str, Any], tmp_path: Path) -> None:
    app = build_app((stage,), outdir=str(tmp_path), context=no_bundling)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))

    app.synth()


def acknowledgements(assembly: Path) -> Iterator[tuple[str, str, str]]:
    """Path of the construct, rule, reason."""
    for file in assembly.glob("assembly-*/*.metadata.json"):
        for path, entries in json.loads(file.read_text()).items():
            for entry in entries:
                if entry["type"] == "aws:cdk:acknowledged-rules":
                    for rule, reason in entry["data"].items():
                        yield path, rule, reason


def test_findings_are_acknowledged_where_they_occur_and_with_a_reason(assembly: Path) -> None:
    found = list(acknowledgements(assembly))

    assert found
    for path, rule, reason in found:
        assert path.count("/") > 2, f"{rule}: acknowledge on the resource, not the stack {path}"
        assert len(reason.split()) >= 5, f"{path} {rule}: {reason!r} explains nothing"
