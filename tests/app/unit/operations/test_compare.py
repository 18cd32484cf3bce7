"""Whether anything stands against giving people another variant's lists is one command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from operations.cli import main
from pipeline.comparison.compare import compare_variants
from pipeline.storage import Bucket
from tests.app.support.compared import EARLIER, LIMIT, RUN, USE_CASE, World, comparing, datasets
from tests.app.support.in_memory import BUCKET, client

WHERE = ["--stage", "test", "--use-case", USE_CASE, "--region", "eu-west-1"]
ITEMS = [f"i{number}" for number in range(60)]
PEOPLE = [f"u{number}" for number in range(40)]
TEMPLATE = {
    "Resources": {"Nothing": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"DataBucketName": {"Value": BUCKET}},
}


@pytest.fixture
def stage(bucket: Bucket) -> Bucket:
    """Its data stack says which bucket it has."""
    client("cloudformation").create_stack(StackName="Test-eu-west-1-Data", TemplateBody=json.dumps(TEMPLATE))
    return bucket


def turned(by: int) -> dict[str, list[str]]:
    """Everybody another list."""
    return {
        person: [ITEMS[(at * by + place) % len(ITEMS)] for place in range(LIMIT)]
        for at, person in enumerate(PEOPLE)
    }


def compared(bucket: Bucket, run: str, *, broken: bool) -> dict[str, Any]:
    second = {person: [] for person in PEOPLE} if broken else turned(7)
    nothing: dict[str, list[str]] = {person: [] for person in PEOPLE}
    variants = World(bucket, nothing, turned(3), second, run).write()
    done = [(person, ITEMS[at], 1_700_000_000) for at, person in enumerate(PEOPLE)]
    asked = comparing(variants, datasets(bucket, done, ITEMS, run), run=run)
    [found] = compare_variants(bucket, asked, np.random.default_rng(0))
    return found


def test_the_newest_comparison_is_told_with_its_verdict(
    stage: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    compared(stage, EARLIER, broken=True)
    compared(stage, RUN, broken=False)

    assert main(["compare", *WHERE]) == 0

    shown = capsys.readouterr().out
    assert shown.startswith(f"{USE_CASE}, run {RUN}: personalize and own, 40 people, 60 items")
    assert "Nothing stands against a ramp of own." in shown
    assert any(line.split()[:1] == ["rbo"] for line in shown.splitlines())


def test_what_blocks_a_ramp_is_told_and_is_the_exit_code(
    stage: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    compared(stage, EARLIER, broken=True)
    compared(stage, RUN, broken=False)

    assert main(["compare", *WHERE, "--run", EARLIER]) == 1

    shown = capsys.readouterr()
    assert "BLOCKS A RAMP of own: 100.00% of the people have an empty list" in shown.out
    assert shown.err == ""


def test_everything_that_was_found_is_printed_as_json_and_written_as_a_page(
    stage: Bucket, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    found = compared(stage, RUN, broken=False)

    assert main(["compare", *WHERE, "--json", "--html", str(tmp_path / "page.html")]) == 0

    assert json.loads(capsys.readouterr().out) == found
    assert "<h1>shop: personalize and own" in (tmp_path / "page.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([*WHERE, "--b", "heuristic"], "personalize and heuristic were not compared in s3://"),
        ([*WHERE, "--run", EARLIER], f"not compared of run {EARLIER}"),
        ([*WHERE, "--stage", "prod"], "there is no stack Prod-eu-west-1-Data in eu-west-1"),
    ],
)
def test_what_cannot_be_told_is_said(
    stage: Bucket, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    compared(stage, RUN, broken=False)

    assert main(["compare", *arguments]) == 1

    assert message in capsys.readouterr().err
