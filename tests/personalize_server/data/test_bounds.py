"""Records at the bounds of all types: taken or refused, then exported, trained on and filtered."""

from pathlib import Path

import pytest

from tests.personalize_server.support.bounds_use import run_bounds


@pytest.mark.prove
def test_whatever_was_taken_is_exported_trained_on_and_filtered_as_it_came(tmp_path: Path) -> None:
    figures = run_bounds(tmp_path, 200, refused=8)
    assert figures["put"] > 150 and figures["filtered"] > 50
