"""Histories of two regions, ten times as many as the default tests look at."""

from __future__ import annotations

from hypothesis import example, given, settings
from moto import mock_aws

from tests.app.support.regions.two_regions import HISTORIES, Action, World


@settings(max_examples=300, deadline=None)
@given(history=HISTORIES)
@example(history=[*[("train", "eu-west-1", 0)] * 7, ("read", "eu-central-1", 5)])
def test_in_hundreds_of_histories_nobody_sees_older_lists_again_or_is_told_twice(
    history: list[Action],
) -> None:
    with mock_aws():
        World().run(history)
