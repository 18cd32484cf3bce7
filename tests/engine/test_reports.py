"""Reports of evaluations as people read them: what they say of themselves, and that nothing is too wide."""

import re
from dataclasses import fields, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.generated import generated
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import Evaluation, evaluate
from engine.evaluation.html_report import Ingredient, write_html
from engine.evaluation.meanings import MEANINGS
from engine.evaluation.protocols import EXPLAINED, PROTOCOLS, split
from engine.evaluation.report import folded, table, wrapped
from engine.evaluation.setting import Setting
from engine.fitting import configs
from engine.fitting.fit import fit

MADE = datetime(2026, 11, 30, 14, 5, tzinfo=UTC)


class Page(HTMLParser):
    """Texts, and those of every row of a table; what is open at the end; addresses it would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.rows: list[list[str]] = []
        self.named: list[str] = []
        self.fetched: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href")]
        self.named += [value or "" for name, value in attrs if name == "data-name"]
        if tag == "tr":
            self.rows.append([])
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if "tr" in self.open:
            self.rows[-1].append(data.strip())


@pytest.fixture(scope="module")
def data() -> TrainingData:
    return generated(200, 60, 3_000, seed=5)


@pytest.fixture(scope="module")
def found(data: TrainingData) -> list[Evaluation]:
    holdout = split(data.interactions, "user-time", seed=42)
    return [
        evaluate(name, lambda part, name=name: fit(part, configs.default(name)), data, holdout)  # type: ignore[misc]
        for name in ("popularity", "svd", "ease")
    ]


def setting(data: TrainingData, protocol: str = "user-time", seed: int = 42) -> Setting:
    named = next(one for one in PROTOCOLS if one == protocol)
    holdout = split(data.interactions, named, seed=seed, repeats=data.own_items)
    return Setting.of("orders.csv", data.interactions, holdout, named, seed=seed, made=MADE)


@pytest.fixture(scope="module")
def page(data: TrainingData, found: list[Evaluation], tmp_path_factory: pytest.TempPathFactory) -> Page:
    path = tmp_path_factory.mktemp("reports") / "report.html"
    blends = {"<b>mine</b>": [Ingredient("ease", 1.0, None), Ingredient("svd", 0.25, 6.0)]}
    write_html(path, "orders & more", found, setting(data), blends=blends)
    return Page(path.read_text(encoding="utf-8"))


def test_a_report_says_when_of_what_and_how_it_was_made(data: TrainingData, page: Page) -> None:
    events = data.interactions
    holdout = split(events, "user-time", seed=42)
    told = " ".join(page.texts)
    people, items = len(set(events.users.tolist())), len(set(events.items.tolist()))
    for words in (
        "2026-11-30 14:05 UTC",
        f"orders.csv: {len(events):,} events of {people:,} people with {items:,} items",
        f"{len(holdout.relevant.items):,} items of {len(holdout.users):,} people, who are tested",
        f"{len(holdout.train):,} pairs of a person and an item", "42: time alone decides what is held back",
        EXPLAINED["user-time"], "only what is new to the person is recommended",
    ):  # fmt: skip
        assert words in told, words


def test_a_report_is_whole_and_needs_nothing_else(page: Page) -> None:
    assert page.open == [] and page.fetched == []
    assert "orders & more" in page.texts and "What <b>mine</b> is made of" in page.texts


def test_every_figure_is_explained_with_the_way_that_is_good(page: Page, found: list[Evaluation]) -> None:
    measured = {name for one in found for name in (*one.metrics, *one.figures)} | {"train s", "users/s"}
    assert measured <= set(MEANINGS)
    for name in measured:
        way = {"up": " ↑", "down": " ↓", "neither": ""}[MEANINGS[name].good]
        assert f"{name}{way}" in page.named
        assert f"{name} {way.strip()}" in page.texts
    assert {name for name in measured if MEANINGS[name].good == "down"} == {"gini@10", "train s"}


def test_the_best_of_a_column_is_bold_and_nothing_where_no_way_is_good(
    data: TrainingData, found: list[Evaluation], tmp_path: Path
) -> None:
    write_html(tmp_path / "r.html", "r", found, setting(data))
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    bold = dict(re.findall(r'data-name="([^"]+)" class="best">([^<]+)', text))
    for name, best in (("ndcg@10", max), ("coverage@10", max)):
        values = [one.metrics[name].mean if name in one.metrics else one.figures[name] for one in found]
        assert bold[f"{name} ↑"].strip() == f"{best(values):.4f}"
    assert bold["gini@10 ↓"].strip() == f"{min(one.figures['gini@10'] for one in found):.4f}"
    assert "novelty@10" not in bold


def test_chances_stand_beside_models_that_give_them_only(
    data: TrainingData, found: list[Evaluation], tmp_path: Path
) -> None:
    popular, svd, _ = found
    values = {field.name: getattr(svd, field.name) for field in fields(svd)}
    surer = Evaluation(**values | {"name": "surer", "figures": svd.figures | {"calibration_error": 0.02}})
    write_html(tmp_path / "r.html", "r", [popular, surer], setting(data))
    page = Page((tmp_path / "r.html").read_text(encoding="utf-8"))
    at = next(at for at, row in enumerate(page.rows) if row[1:2] == ["calibration_error ↓"])
    assert page.rows[at + 1] == ["surer", "0.0200"] and page.rows[at + 2][0] == "model"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_the_seed_is_said_to_draw_only_where_another_one_holds_back_something_else(
    data: TrainingData, protocol: str
) -> None:
    one, other = setting(data, protocol, seed=1), setting(data, protocol, seed=2)
    named = one.protocol
    splits = [split(data.interactions, named, seed=seed).relevant.items for seed in (1, 2)]
    same = len(splits[0]) == len(splits[1]) and bool(np.all(splits[0] == splits[1]))
    assert one.by_chance == other.by_chance == (not same)


def test_where_items_come_again_the_report_says_so(data: TrainingData) -> None:
    told = setting(replace(data, own_items=True))
    assert "may be of an item that the person had before" in told.explained()
    assert ("Learned from", f"{told.learned:,} events") in told.facts()


@given(
    st.lists(st.text("ab", min_size=1, max_size=30), min_size=2, max_size=20),
    st.integers(1, 12),
    st.integers(40, 130),
)
def test_a_folded_table_fits_and_loses_nothing(names: list[str], models: int, columns: int) -> None:
    rows = [
        ["model", *names],
        *([f"m{at}", *(f"{at}.{place}" for place in range(len(names)))] for at in range(models)),
    ]
    parts = folded(rows, columns).split("\n\n")
    assert max(len(line) for part in parts for line in part.splitlines()) <= columns
    back = [[line.split() for line in part.splitlines()] for part in parts]
    together = [
        [part[at][0] for part in back[:1]] + [cell for part in back for cell in part[at][1:]]
        for at in range(models + 1)
    ]
    assert together == rows


def test_the_table_of_an_evaluation_fits_eighty_columns_and_uses_more(found: list[Evaluation]) -> None:
    narrow, wide = (table(found, columns).splitlines() for columns in (80, 120))
    assert max(map(len, narrow)) <= 80 < max(map(len, wide)) <= 120
    assert len(wide) < len(narrow)


def test_long_sentences_go_on_below_and_names_are_not_broken() -> None:
    long = "user-neighbours - item-neighbours: +0.0112 ndcg@10 [+0.0012, +0.0200], p = 0.0312: better"
    lines = wrapped([long, "short"], 60).splitlines()
    assert max(map(len, lines)) <= 60 and lines[-1] == "short" and lines[1].startswith("  ")
    assert " ".join(line.strip() for line in lines[:-1]) == long
