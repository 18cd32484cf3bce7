"""Estimates: tiers of an account, unknown prices, what is printed, and where it can be sent."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.notifications import NOTIFICATIONS
from config.use_cases import USE_CASES
from costs.command import main
from costs.estimating.estimate import fixed_of, priced, stage_lines
from costs.prices.catalogue import Catalogue, catalogue
from costs.prices.items import Item
from costs.prices.price import UnknownPrice
from costs.show.plot import curves
from costs.show.table import table
from costs.usage.line import Group, Line, Where
from costs.usage.volumes import Volumes
from tests.app.support.assemblies import stacks
from tests.app.support.business.stages import PROD
from tests.app.unit.costs.estimates import TODAY, write_assembly

HERE = Where(stage="prod", account="1", region="us-east-1", use_case="a")


def line(thousands: float, use_case: str = "a", account: str = "1") -> Line:
    where = replace(HERE, use_case=use_case, account=account)
    return Line(
        where=where, group=Group.LISTS, what="lists", item=Item.BATCH_FIRST, quantity=thousands, cause=""
    )


@given(st.lists(st.floats(1, 1e6), min_size=1, max_size=6))
def test_use_cases_of_an_account_share_the_tiers(parts: list[float]) -> None:
    together = priced([line(sum(parts))], catalogue(), TODAY).usd
    apart = priced([line(part, str(number)) for number, part in enumerate(parts)], catalogue(), TODAY)

    assert apart.usd == pytest.approx(together)
    for one, part in zip(apart.lines, parts, strict=True):
        assert one.usd / together == pytest.approx(part / sum(parts), abs=1e-9)


def test_accounts_do_not_share_them() -> None:
    alone = priced([line(15_000)], catalogue(), TODAY).usd

    assert priced([line(15_000), line(15_000, account="2")], catalogue(), TODAY).usd == pytest.approx(
        2 * alone
    )
    assert priced([line(15_000), line(15_000, "b")], catalogue(), TODAY).usd < 2 * alone


def test_an_estimate_with_an_unknown_price_is_none() -> None:
    with pytest.raises(UnknownPrice, match="personalize-batch-thousand-first-generation"):
        priced([line(1)], Catalogue({}), TODAY)


@pytest.mark.parametrize("people", [1, 13_000, 10_000_000])
def test_the_table_has_80_columns_a_star_on_assumed_lines_and_sums_that_add_up(people: int) -> None:
    volumes = Volumes(people=people)
    found = priced(
        stage_lines(PROD, USE_CASES, NOTIFICATIONS, volumes, fixed_of(PROD, stacks())), catalogue(), TODAY
    )
    lines = table(found).splitlines()

    assert max(map(len, lines)) <= 80
    trainings = [one for one in lines if "training, aws" in one and "->" not in one]
    assert trainings and all(one.endswith("*") for one in trainings)
    places = [float(one.split()[-1].replace(",", "")) for one in lines if one.startswith("prod ")]
    assert sum(places) == pytest.approx(found.usd, abs=0.005 * len(places))
    assert any("prices older than 12 months" in one for one in lines)
    assert "people 1 " in table(found) or people > 1


def test_every_assumed_price_is_explained_below_the_table() -> None:
    """Several items have the same source and reason."""
    found = priced(
        stage_lines(PROD, USE_CASES, NOTIFICATIONS, Volumes(), fixed_of(PROD, stacks())), catalogue(), TODAY
    )
    below = " ".join(table(found).split("* assumed prices:")[1].split())

    for one in found.lines:
        if one.price.grade == "assumed":
            assert f"{one.line.item.unit}: " in below and one.price.words in below


def test_every_line_says_where_it_comes_from() -> None:
    found = priced(stage_lines(PROD, USE_CASES, NOTIFICATIONS, Volumes()), catalogue(), TODAY)

    assert all(one.line.cause and one.price.source for one in found.lines)
    assert {one.line.where.use_case for one in found.lines} >= {case.name for case in USE_CASES}


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [str(value) for name, value in attrs if name in ("src", "href")]


def test_the_command_writes_json_and_a_page_with_a_plot(
    assembly: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, page = tmp_path / "prod.json", tmp_path / "prod.html"
    asked = ["--assembly", str(assembly), "--people", "50000", "--json", str(file), "--html", str(page)]

    assert main(asked, TODAY) == 0

    content = json.loads(file.read_text(encoding="utf-8"))
    printed = re.findall(r"^together +([\d,.]+)", capsys.readouterr().out, re.MULTILINE)
    assert float(printed[0].replace(",", "")) == pytest.approx(content["usd"], abs=0.01)
    assert sum(one["usd"] for one in content["lines"]) == pytest.approx(content["usd"])
    assert {one["grade"] for one in content["lines"]} == {"published", "assumed"}
    parser = Page()
    parser.feed(page.read_text(encoding="utf-8"))
    assert parser.tags.count("polyline") == 4
    assert parser.links == [] and "script" not in parser.tags
    assert "10,000,000" in page.read_text(encoding="utf-8")


def test_what_is_not_there_is_refused_with_what_is(
    assembly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--assembly", str(assembly), "--use-case", "poets", "--region", "us-west-2"], TODAY)

    said = capsys.readouterr().err
    assert said.startswith("usage: ")
    assert "no use case 'poets', there are: posts, similar_programs" in said
    assert "no region 'us-west-2', there are: eu-west-1, eu-central-1" in said


def test_a_variant_that_no_line_is_of_is_refused_with_those_that_are(
    assembly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--assembly", str(assembly), "--variant", "theirs"], TODAY)

    assert "variant 'theirs': of variant there are personalize" in capsys.readouterr().err


def test_an_assembly_without_the_stage_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its fixed costs would be nothing."""
    folder = write_assembly(tmp_path, [stack for stack in stacks() if stack.name.startswith("Dev")])
    for command in ([], ["ask", "regions"]):
        assert main([*command, "--assembly", str(folder), "--stage", "prod"], TODAY) == 1

        assert "has no stack of stage prod: it has dev" in capsys.readouterr().err


def test_the_stage_of_ones_own_machine_costs_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--stage", "local"], TODAY) == 0
    assert capsys.readouterr().out.startswith("local: 0 US dollars a month: it runs on your machine")
    assert main(["--stage", "local", "--json", "-"], TODAY) == 0
    assert json.loads(capsys.readouterr().out)["usd"] == 0
    with pytest.raises(SystemExit, match="2"):
        main(["ask", "whom", "--stage", "local"], TODAY)
    assert "costs nothing on AWS: choose from dev, staging, prod" in capsys.readouterr().err


def test_a_command_that_is_not_there_is_refused_with_those_that_are(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["refersh"], TODAY)

    assert "no command 'refersh'; there are: ask, published" in capsys.readouterr().err


def test_volumes_that_cannot_be_are_refused(assembly: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--assembly", str(assembly), "--active-share", "2"], TODAY)

    assert "active_share is 2.0" in capsys.readouterr().err


@pytest.mark.parametrize("points", [[], [(0.0, 1.0)], [(1.0, -1.0)]])
def test_what_has_no_logarithm_is_not_drawn(points: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match="above zero"):
        curves("t", {"a": points}, across="x", up="y")
