"""Charts as a reader sees them: the SVG is parsed, and its shapes are measured against the figures."""

import itertools
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from engine.evaluation import svg

NAMESPACE = "{http://www.w3.org/2000/svg}"


def shapes(chart: str, kind: str) -> list[dict[str, str]]:
    return [dict(shape.attrib) for shape in ElementTree.fromstring(chart).iter(f"{NAMESPACE}{kind}")]


def texts(chart: str) -> dict[str, tuple[float, float]]:
    found = ElementTree.fromstring(chart).iter(f"{NAMESPACE}text")
    return {shape.text or "": (float(shape.attrib["x"]), float(shape.attrib["y"])) for shape in found}


def numbers(shape: dict[str, str], *names: str) -> tuple[float, ...]:
    return tuple(float(shape[name]) for name in names)


def path(chart: str) -> list[tuple[float, ...]]:
    (line,) = shapes(chart, "polyline")
    return [tuple(map(float, point.split(","))) for point in line["points"].split()]


def dots(chart: str) -> list[tuple[float, ...]]:
    return [numbers(dot, "cx", "cy") for dot in shapes(chart, "circle")]


def test_bars_are_as_long_as_their_values_with_their_interval_across_and_their_figure_behind_it() -> None:
    chart = svg.bars("Title", [("half", 0.5, 0.4, 0.6), ("<all>", 1.0, 0.8, 1.25)])
    half, whole = (numbers(bar, "x", "y", "width", "height") for bar in shapes(chart, "rect"))
    (left, right), (from_, to) = (numbers(line, "x1", "x2") for line in shapes(chart, "line"))
    assert half[0] == whole[0] == 150 and whole[2] == pytest.approx(2 * half[2], abs=0.2)
    assert left - 150 == pytest.approx(0.4 * whole[2], abs=0.2)
    assert right - 150 == pytest.approx(0.6 * whole[2], abs=0.2)
    assert from_ - 150 == pytest.approx(0.8 * whole[2], abs=0.2)
    # The longest interval leaves room for its figure, and is as long as the room allows.
    assert to == pytest.approx(svg.WIDTH - 90, abs=0.1)
    assert half[1] + half[3] < whole[1]
    for (_, top, _, height), line in zip((half, whole), shapes(chart, "line"), strict=True):
        y1, y2 = numbers(line, "y1", "y2")
        assert y1 == y2 and y1 == pytest.approx(top + height / 2, abs=1.1)
    words = texts(chart)
    assert words["0.5000"] == pytest.approx((right + 8, words["half"][1]), abs=0.1)
    assert words["1.0000"] == pytest.approx((to + 8, words["<all>"][1]), abs=0.1)
    assert words["half"][0] == 144 and half[1] < words["half"][1] < half[1] + half[3]
    (height,) = (float(ElementTree.fromstring(chart).attrib["viewBox"].split()[3]),)
    assert whole[1] + whole[3] < height


def test_a_curve_stands_against_the_diagonal_with_both_axes_alike() -> None:
    points = [(0.1, 0.2), (0.4, 0.3), (0.5, 0.8)]
    chart = svg.curve("Calibration", points, "said", "came")
    zero, top = svg._at(0, 0, 0.8, 0.8), svg._at(0.8, 0.8, 0.8, 0.8)
    diagonal = numbers(shapes(chart, "line")[2], "x1", "y1", "x2", "y2")
    assert diagonal == pytest.approx((*zero, *top), abs=0.05)
    assert path(chart) == dots(chart)
    on_it = [across(*zero, *top, share=y / 0.8) for _, y in points]
    assert [y for _, y in dots(chart)] == pytest.approx([y for _, y in on_it], abs=0.1)
    under = [across(*zero, *top, share=x / 0.8)[0] for x, _ in points]
    assert [x for x, _ in dots(chart)] == pytest.approx(under, abs=0.1)
    assert "said" in texts(chart) and "came" in texts(chart)


def across(x1: float, y1: float, x2: float, y2: float, *, share: float) -> tuple[float, float]:
    return x1 + share * (x2 - x1), y1 + share * (y2 - y1)


def test_points_and_lines_lie_where_the_ticks_of_the_axes_say() -> None:
    for chart, points in (
        (svg.line("Line", [(1, 10), (2, 30), (4, 40)], "a", "b"), [(1, 10), (2, 30), (4, 40)]),
        (svg.scatter("Points", [("x", 1, 10), ("y", 4, 40)], "a", "b"), [(1, 10), (4, 40)]),
    ):
        words = texts(chart)
        unit_x = words["2"][0] - words["1"][0]
        unit_y = words["20"][1] - words["10"][1]
        expected = [
            (words["1"][0] + (x - 1) * unit_x, words["10"][1] - 4 + (y / 10 - 1) * unit_y) for x, y in points
        ]
        assert flat(dots(chart)) == pytest.approx(flat(expected), abs=0.6)


def flat(points: Sequence[tuple[float, ...]]) -> list[float]:
    return [value for point in sorted(points) for value in point]


def test_names_of_points_close_together_do_not_lie_on_one_another() -> None:
    chart = svg.scatter("Points", [(name, 1.0, 1.0) for name in ("first", "second", "third")], "a", "b")
    heights = sorted(texts(chart)[name][1] for name in ("first", "second", "third"))
    assert all(later - earlier >= svg.LETTERS for earlier, later in itertools.pairwise(heights))


@pytest.mark.parametrize("top", [0.003, 0.09, 0.2, 1.0, 1.21, 5.9, 6.0, 6.1, 70, 1234])
def test_ticks_are_three_to_six_round_numbers_up_to_the_top(top: float) -> None:
    found = svg.ticks(top)
    assert 3 <= len(found) <= 6 and found[-1] <= top < found[-1] + found[0]
    assert all(f"{tick:e}"[0] in "123456789" and len(f"{tick / found[0]:g}") == 1 for tick in found)


def test_a_chart_leaves_room_for_its_title_its_axes_words_and_the_figures_behind_bars() -> None:
    chart = svg.bars("Title", [("a", 1.0, 0.5, 2.0), ("b", 2.0, 1.0, 2.0)])
    assert ElementTree.fromstring(chart).attrib["viewBox"] == "0 0 640 102"
    assert [numbers(bar, "x", "y", "width", "height") for bar in shapes(chart, "rect")] == [
        (150, 30, 200, 18),
        (150, 56, 400, 18),
    ]
    assert [numbers(line, "x1", "x2", "y1", "y2") for line in shapes(chart, "line")] == [
        (250, 550, 40, 40),
        (350, 550, 66, 66),
    ]
    assert texts(chart) == {
        "Title": (60, 14), "a": (144, 44), "1.0000": (558, 44), "b": (144, 70), "2.0000": (558, 70),
    }  # fmt: skip

    chart = svg.line("Title", [(2.0, 10.0)], "across", "up")
    assert ElementTree.fromstring(chart).attrib["viewBox"] == "0 0 640 320"
    assert [numbers(line, "x1", "y1", "x2", "y2") for line in shapes(chart, "line")] == [
        (60, 280, 580, 280),
        (60, 280, 60, 44),
    ]
    words = texts(chart)
    assert (words["across"], words["up"]) == ((320, 314), (66, 36))
    assert (words["1.5"][1], words["10"][0]) == (294, 55)
    # A tenth of the room is left beyond the largest value.
    assert dots(chart) == [pytest.approx((60 + 520 / 1.1, 280 - 236 / 1.1), abs=0.05)]
    names = texts(svg.scatter("Title", [("model", 2.0, 10.0)], "a", "b"))
    assert names["model"] == pytest.approx((60 + 520 / 1.15 + 7, 280 - 236 / 1.1 + 4), abs=0.05)


def test_without_figures_axes_go_to_one() -> None:
    empty = svg.line("Title", [], "a", "b"), svg.scatter("Title", [], "a", "b"), svg.curve("T", [], "a", "b")
    for chart, beyond in zip(empty, (1.1, 1.15, 1.0), strict=True):
        assert texts(chart)["1"] in (
            pytest.approx((60 + 520 / beyond, 294), abs=0.05),
            pytest.approx((55, 280 - 236 / min(beyond, 1.1) + 4), abs=0.05),
        )
        assert not shapes(chart, "circle")
    assert ElementTree.fromstring(svg.bars("Title", [])).attrib["viewBox"] == "0 0 640 50"
    for chart in (svg.bars("T", [("a", 0.0, 0.0, 0.0)]), svg.line("T", [(0.0, 0.0)], "a", "b")):
        assert "nan" not in chart and "inf" not in chart
