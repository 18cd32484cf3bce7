"""A comparison as people see it: the page and the table."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from pipeline.comparison import page, table
from pipeline.comparison.compare import compare_variants
from pipeline.storage import Bucket
from tests.app.support.compared import EARLIER, RUN, World, comparing, datasets

DAY = 1_795_651_200  # 2026-11-26


class Page(HTMLParser):
    """Text by tag, what is open at the end, and addresses of things that the page would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.fetched: list[str] = []
        self.tags: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@pytest.fixture
def comparison(bucket: Bucket) -> dict[str, Any]:
    """Of two days, with something that people did in between."""
    items = [f"i{number}" for number in range(60)]
    people = [f"u{number}" for number in range(40)]
    done = [(person, items[at], DAY - 90_000 + at) for at, person in enumerate(people)]
    done += [(person, items[(at * 7 + 3) % 60], DAY + 60 + at) for at, person in enumerate(people)]
    own = {person: [items[at]] for at, person in enumerate(people)}
    ones = {person: items[:35] for person in people}
    others = {
        person: [items[(at * 7 + place) % 60] for place in range(35)] for at, person in enumerate(people)
    }
    for run in (EARLIER, RUN):
        variants = World(bucket, own, ones, others, run).write()
        asked = comparing(variants, datasets(bucket, done, items, run), run=run)
        [found] = compare_variants(bucket, asked, np.random.default_rng(0))
    return found


def test_the_page_is_whole_and_needs_nothing_else(comparison: dict[str, Any]) -> None:
    seen = Page(page.page(comparison))

    assert seen.open == []
    assert seen.fetched == [] and "script" not in seen.tags
    assert "svg" in seen.tags
    assert comparison["summary"] in seen.texts
    for one in comparison["verdicts"]:
        assert one["words"] in seen.texts


def test_names_are_texts_in_the_page(comparison: dict[str, Any]) -> None:
    named = {**comparison, "b": "<script>alert(1)</script>", "useCase": "a&b", "summary": "<b>"}

    shown = page.page(named)

    assert "<script" not in shown and "<b>" not in shown
    assert "a&amp;b" in shown


def test_a_table_has_a_line_for_each_verdict_and_tells_what_was_done(comparison: dict[str, Any]) -> None:
    shown = table.text(comparison)

    lines = [line.split("  ")[0] for line in shown.splitlines()]
    assert {one["measure"] for one in comparison["verdicts"]} <= set(lines)
    assert "What people did on 2026-11-26 after the lists of 20261125T060000000: 40 by themselves" in shown
    assert shown.endswith(comparison["summary"])


def test_what_stands_against_a_ramp_is_in_a_frame_of_its_own(comparison: dict[str, Any]) -> None:
    fault = {"words": "50% have an empty list"}
    clear = page.page({**comparison, "blocks": [], "faultsOfA": [fault]})
    blocked = page.page({**comparison, "blocks": [fault], "faultsOfA": []})

    assert 'class="clear"' in clear and 'class="blocks"' not in clear
    assert f"<li>also of {comparison['a']}: {fault['words']}</li>" in clear
    assert 'class="blocks"' in blocked and f"<li>{fault['words']}</li>" in blocked
    assert table.text({**comparison, "blocks": [fault]}).count("BLOCKS A RAMP of own: 50%") == 1


def test_what_was_not_measured_has_no_rows_and_no_picture(comparison: dict[str, Any]) -> None:
    shown = page.page({**comparison, "after": {"reason": "it is the first run"}})

    assert "not measured, it is the first run." in shown
    assert "<svg" not in shown and "by themselves, on the day after" not in shown
    segment = next(iter(comparison["segments"].values()))
    assert "<h3>nobody: 0</h3>" not in page.page(
        {**comparison, "segments": {"everybody": segment, "nobody": {**segment, "people": 0}}}
    )


def test_shares_are_shown_in_percent_and_figures_with_four_digits(comparison: dict[str, Any]) -> None:
    segment = next(iter(comparison["segments"].values()))
    a = {"short": 0.025, "meanLength": 12.34567, "coldItems": None, "scoreLow": None}
    b = {"short": None, "meanLength": 2.0, "coldItems": 0.5, "scoreLow": None}

    shown = page.page({**comparison, "segments": {"everybody": {**segment, "a": a, "b": b}}})

    for row in (
        "<tr><td>people with a short list</td><td>2.50%</td><td>-</td></tr>",
        "<tr><td>mean length</td><td>12.35</td><td>2</td></tr>",
        "<tr><td>places with a cold item</td><td>-</td><td>50.00%</td></tr>",
    ):
        assert row in shown
    assert "lowest score" not in shown


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    rows = [("measure", "a", "verdict"), ("x", "12345", "-")]

    assert table.aligned(rows) == "measure      a  verdict\nx        12345        -"
