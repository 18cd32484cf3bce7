"""The page about models has the figures of the committed results, and of nothing else."""

import json

import pytest

from benchmarks.engines import model_figures, models_page


def test_the_page_has_the_figures_of_the_results() -> None:
    results = json.loads(model_figures.RESULTS.read_text(encoding="utf-8"))
    found = models_page.PAGE.read_text(encoding="utf-8")

    assert found == models_page.page(results, found), "python -m benchmarks.engines.models_page"
    for one in results:
        assert f"### {one['name']}" in found


def test_a_page_without_its_marks_is_left_alone() -> None:
    with pytest.raises(ValueError, match="needs the marks"):
        models_page.page([], "# Which model\n")
