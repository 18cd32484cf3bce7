"""Ten thousand records at the bounds of all types, through a server and out again."""

from pathlib import Path

from tests.personalize_server.support.bounds_use import run_bounds


def test_ten_thousand_records_at_the_bounds_cause_no_internal_error(tmp_path: Path) -> None:
    figures = run_bounds(tmp_path, 10_500, refused=200)
    assert figures["put"] >= 10_000 and figures["imports refused"] >= 100
    print(figures)
