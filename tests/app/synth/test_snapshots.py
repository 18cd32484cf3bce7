"""Templates as they are deployed; `make snapshots` accepts a change, and the diff is reviewed."""

import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

_ASSET_HASH = re.compile(r"\b[0-9a-f]{64}\b")


def without_asset_hashes(node: Any) -> Any:
    match node:
        case dict():
            return {key: without_asset_hashes(value) for key, value in node.items()}
        case list():
            return [without_asset_hashes(value) for value in node]
        case str():
            return _ASSET_HASH.sub("ASSET", node)
        case _:
            return node


@pytest.fixture
def template_snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(JSONSnapshotExtension)


def test_template_is_unchanged(template: dict[str, Any], template_snapshot: SnapshotAssertion) -> None:
    assert without_asset_hashes(template) == template_snapshot
