"""Charts as a reader sees them: the SVG is parsed, and its shapes are measured against the figures."""

import itertools
from collections.abc import Sequence
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def test_bars_are_as_long_as_their_values_with_their_interval_across_and_their_figure_above() -> None:
    chart = svg.bars("Title", [("half", 0.5, 0.4, 0.6), ("<all>", 1.0, 0.8, 1.25)])
    half, whole = (numbers(bar, "x", "y", "width", "height") for bar in shapes(chart, "rect"))
    lines = [numbers(line, "x1", "x2", "y1", "y2") for line in shapes(chart, "line")]
    assert half[0] == whole[0] == 0 and whole[2] == pytest.approx(2 * half[2], abs=0.2)
    for (_, top, _, height), (low, high), (across, *ends) in zip(
        (half, whole), ((0.4, 0.6), (0.8, 1.25)), (lines[:3], lines[3:]), strict=True
    ):
        assert across == pytest.approx((low * whole[2], high * whole[2], *[top + height / 2] * 2), abs=0.2)
        assert [end[0] for end in ends] == [end[1] for end in ends] == list(across[:2])
    # The longest interval is as long as the room allows.
    assert svg.WIDTH - 3 < lines[3][1] < svg.WIDTH
    words = texts(chart)
    assert words["0.5000"] == (svg.WIDTH, words["half"][1]) and words["1.0000"][1] == words["<all>"][1]
    assert words["half"][1] < half[1] and half[1] + half[3] < words["<all>"][1] - svg.SIZE
    assert whole[1] + whole[3] < size(chart)[1]


def size(chart: str) -> tuple[float, float]:
    _, _, wide, high = map(float, ElementTree.fromstring(chart).attrib["viewBox"].split())
    return wide, high


def test_a_curve_stands_against_the_diagonal_with_both_axes_alike() -> None:
    points = [(0.1, 0.2), (0.4, 0.3), (0.5, 0.8)]
    chart = svg.curve("Calibration", points, "said", "came")
    (diagonal,) = (
        numbers(line, "x1", "y1", "x2", "y2") for line in shapes(chart, "line") if line["stroke"] == svg.FAINT
    )
    assert path(chart) == dots(chart)
    on_it = [across(*diagonal, share=y / 0.8) for _, y in points]
    assert [y for _, y in dots(chart)] == pytest.approx([y for _, y in on_it], abs=0.1)
    under = [across(*diagonal, share=x / 0.8)[0] for x, _ in points]
    assert [x for x, _ in dots(chart)] == pytest.approx(under, abs=0.1)
    assert "said" in texts(chart) and "came ↑" in texts(chart)


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


def boxes(chart: str) -> list[tuple[str, float, float, float, float]]:
    """Every text with left, right, top and bottom, as wide as letters are at most."""
    found = []
    for shape in ElementTree.fromstring(chart).iter(f"{NAMESPACE}text"):
        text, (x, y) = shape.text or "", numbers(dict(shape.attrib), "x", "y")
        wide = len(text) * svg.LETTER_WIDTH
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[shape.attrib["text-anchor"]]
        found.append((text, left, left + wide, y - svg.SIZE + 2, y + 2))
    return found


def overlapping(chart: str) -> list[tuple[str, str]]:
    return [
        (one[0], other[0])
        for one, other in itertools.combinations(boxes(chart), 2)
        if one[1] < other[2] and other[1] < one[2] and one[3] < other[4] and other[3] < one[4]
    ]


FIGURE = st.floats(0, 1).map(lambda share: round(share, 4))
NAMES = st.lists(st.text("abcdefgh-./", min_size=1, max_size=60), min_size=1, max_size=20)


@given(st.data(), NAMES)
def test_no_text_lies_on_another_or_beyond_the_edge(data: st.DataObject, names: list[str]) -> None:
    points = [(name, data.draw(FIGURE), data.draw(FIGURE)) for name in names]
    wide = [(value * data.draw(st.sampled_from([1, 30, 99_000, 4e7])), up) for _, value, up in points]
    for chart in (
        svg.scatter("accuracy and reach", points, "coverage@10", "ndcg@10"),
        svg.bars("a title " * 20, [(name, value, value / 2, value) for name, value, _ in points]),
        svg.curve("calibration", [(x, y) for _, x, y in points], "said", "came"),
        svg.line("learning", wide, "pairs trained on", "ndcg@10"),
    ):
        assert overlapping(chart) == []
        for _, left, right, top, bottom in boxes(chart):
            assert left >= -1 and right <= svg.WIDTH + 1
            assert top >= 0 and bottom <= size(chart)[1]


@given(st.lists(st.floats(48, 236), max_size=30).map(sorted))
def test_names_stand_in_the_order_of_their_points_and_none_is_moved_without_need(wanted: list[float]) -> None:
    places = svg.spread(wanted, 48, 236)
    assert all(later - earlier >= svg.LETTERS - 1e-6 for earlier, later in itertools.pairwise(places))
    assert all(place >= 48 - 1e-6 for place in places)
    if all(later - earlier >= svg.LETTERS for earlier, later in itertools.pairwise(wanted)):
        assert places == wanted


def test_a_name_that_does_not_fit_keeps_its_beginning_and_its_end() -> None:
    assert svg.fitting("item-neighbours", 110) == "item-neighbours"
    assert svg.fitting("configs/blend/first.json", 110) == "configs…st.json"


@pytest.mark.parametrize(
    ("number", "words"),
    [(0.05, "0.05"), (9_500, "9,500"), (20_000, "20k"), (1_500_000, "1.5M"), (2e9, "2G")],
)
def test_numbers_of_axes_are_short(number: float, words: str) -> None:
    assert svg.short(number) == words


@pytest.mark.parametrize("top", [0.003, 0.09, 0.2, 1.0, 1.21, 5.9, 6.0, 6.1, 70, 1234])
def test_ticks_are_three_to_six_round_numbers_up_to_the_top(top: float) -> None:
    found = svg.ticks(top)
    assert 3 <= len(found) <= 6 and found[-1] <= top < found[-1] + found[0]
    assert all(f"{tick:e}"[0] in "123456789" and len(f"{tick / found[0]:g}") == 1 for tick in found)


def test_without_figures_axes_go_to_one() -> None:
    empty = svg.line("Title", [], "a", "b"), svg.scatter("Title", [], "a", "b"), svg.curve("T", [], "a", "b")
    for chart in empty:
        assert "1" in texts(chart) and not shapes(chart, "circle")
    assert size(svg.bars("Title", [])) == (svg.WIDTH, 30)
    for chart in (svg.bars("T", [("a", 0.0, 0.0, 0.0)]), svg.line("T", [(0.0, 0.0)], "a", "b")):
        assert "nan" not in chart and "inf" not in chart
