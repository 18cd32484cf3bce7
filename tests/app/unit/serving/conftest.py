"""A table with lists of every kind of endpoint."""

from __future__ import annotations

from typing import Any

import pytest

from tests.app.support.serving_api import ONE, POPULAR, publish


@pytest.fixture
def table(dynamodb: Any) -> Any:
    publish(dynamodb, "posts", ONE, {"u1": list("abcdef")}, popular=POPULAR)
    publish(dynamodb, "people", ONE, {}, popular=["u9", "u1"])
    publish(dynamodb, "alike", ONE, {}, popular=["c9", "c1"])
    catalogue = [["c1", "c2", "c3"]]
    publish(dynamodb, "programs", ONE, {"u1": ["c2"]}, popular=["c3"], catalogue=catalogue)
    return dynamodb
