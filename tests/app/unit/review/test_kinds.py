"""Kinds of resources, by the list of CloudFormation's types: those that rules know, and what others do."""

import gzip
import json
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from review.changes.impacts import ROOT
from review.ground import kinds
from review.ground.kinds import is_known, what_it_does

TYPES = ROOT / "node_modules" / "@aws-cdk" / "aws-service-spec" / "db.json.gz"


@pytest.fixture(scope="module")
def types() -> set[str]:
    """All types of resources that the CDK's own database has."""
    content = json.loads(gzip.decompress(Path(TYPES).read_bytes()))
    return {one["cloudFormationType"] for one in content["schema"]["resource"]["entities"]}


def test_each_kind_is_one_of_cloudformation(types: set[str]) -> None:
    named = [*kinds._JUDGED, *(one for some in kinds._BY_WHAT_IT_DOES.values() for one in some)]
    there = {*types, "AWS::CDK::Metadata"}

    assert [one for one in named if not any(fnmatchcase(type_, f"AWS::{one}") for type_ in there)] == []


def test_most_types_are_unknown_and_those_that_open_run_or_carry_are_named(types: set[str]) -> None:
    unknown = {one for one in types if not is_known(one)}

    assert len(unknown) > 1_000
    assert 300 < sum(bool(what_it_does(one)) for one in unknown) < len(unknown)
    assert is_known("AWS::IoT::Thing", {"AWS::IoT::Thing"}) and not is_known("AWS::IoT::Thing")
