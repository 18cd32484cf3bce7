"""What the demo prints: aligned, narrow, and only what was measured."""

from collections import Counter

import pytest

from local_cloud.demo import people
from local_cloud.demo.application import UseCaseFacts
from local_cloud.demo.checks import checks
from local_cloud.demo.render import (
    render,
    render_checks,
    render_comparisons,
    render_person,
    render_timings,
)
from local_cloud.demo.report import (
    Alike,
    Asked,
    Check,
    Comparison,
    Lists,
    Live,
    Person,
    PersonLists,
    Report,
    Timing,
    Tracked,
)
from local_cloud.demo.serving_table import Served
from local_cloud.demo.text_tables import WIDTH, table

ADA = Person("7", "Ada Rossi", "user 7: 31, female, IT, advanced", ("Drama", "War"))
NDCG = "normalized_discounted_cumulative_gain_at_10"


def test_columns_are_aligned_and_numbers_stand_right() -> None:
    assert table(("name", "count"), [("a", "5"), ("long one", "1,000")], right=(1,)) == (
        "  name      count\n  a             5\n  long one  1,000"
    )


def test_no_table_is_wider_than_the_page_and_cuts_are_marked() -> None:
    lines = table(("a", "b", "c"), [("x" * 90, "y" * 90, "z")]).splitlines()
    assert max(map(len, lines)) == WIDTH
    assert lines[1].count("…") == 2 and lines[1].endswith("z")


def test_what_must_be_whole_goes_on_below_and_numbers_are_not_cut() -> None:
    lines = table(
        ("claim", "a long header", "n"),
        [("one two three", "x" * 40, "12345")],
        right=(2,),
        whole=(0,),
        width=30,
    ).splitlines()
    assert max(map(len, lines)) <= 30 and lines[-1].strip() in {"three", "two three"}
    assert lines[0].split()[0] == "claim" and any("12345" in line for line in lines)


def test_what_someone_chose_stands_beside_what_they_get() -> None:
    lists = Lists("posts", ("Seen (1995)",), ("New (1996)", "Newer (1997)"), kinds=("like", "comment"))
    lines = render_person(PersonLists(ADA, (lists,))).splitlines()
    assert lines[0] == "  Ada Rossi (user 7: 31, female, IT, advanced; likes Drama, War)"
    assert lines[1].split() == ["posts:", "chosen", "so", "far", "(like,", "comment)", "recommended"]
    assert lines[2].endswith(" New (1996)") and "Seen (1995)" in lines[2]
    assert lines[3].strip() == "Newer (1997)"
    assert lines[2].index("New (1996)") == lines[3].index("Newer (1997)") == lines[1].index("recommended")


def test_metrics_stand_beside_popularitys_with_their_ratio() -> None:
    text = render_comparisons(
        [Comparison("posts", {NDCG: 0.2, "coverage": 0.5}, {NDCG: 0.08, "coverage": 0.0})]
    )
    assert [line.split() for line in text.split("\n\n")[0].splitlines()[1:]] == [
        ["posts", "coverage", "0.5000", "0.0000", "-"],
        ["posts", "NDCG@10", "0.2000", "0.0800", "2.50", "x"],
    ]


def test_timings_have_a_column_per_use_case_and_a_dash_where_nothing_ran() -> None:
    timings = [
        Timing("posts", {"extract": 1.25, "train": 3.0}, 6.0, 1.75),
        Timing("programs", {"extract": 0.5}, 1.0, 0.5),
    ]
    lines = [line.split("  ") for line in render_timings(timings).splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines if line != [""]]
    assert cells[:5] == [
        ["step", "posts", "programs"],
        ["extract", "1.2", "0.5"],
        ["train", "3.0", "-"],
        ["overhead of the workflow", "1.8", "0.5"],
        ["whole execution", "6.0", "1.0"],
    ]
    assert cells[5] == ["The workflows' own overhead, all together: 2.2 s"]


def test_a_failed_check_is_told_from_one_that_holds() -> None:
    lines = render_checks(
        [Check("all is well", True, "3 of 3"), Check("none is lost", False, "1")]
    ).splitlines()
    assert lines[1].split()[0] == "ok" and lines[2].split()[0] == "FAILED"


COMMAND = "aws dynamodb get-item --table-name t --key \\\n  '" + "k" * 170 + "'"
USE_CASES = ("users_to_follow", "training_programs", "similar_programs", "posts")
METRICS = {
    "coverage": 0.5,
    "mean_reciprocal_rank_at_25": 0.1,
    **{
        f"{name}_at_{k}": 0.2
        for name in (NDCG[:-6], f"{NDCG[:-6]}_with_event_weights", "precision")
        for k in (5, 10, 25)
    },
}
SHOWN = tuple(f"Item {n} " + "long title " * 6 for n in range(5))
ASKED = Asked("Giovanna Bianchi", "training_programs", 200, "campaign", "g", SHOWN)
REPORT = Report(
    outcomes=tuple((name, "published", "13,000 users, generation 20261130T145000123") for name in USE_CASES),
    people=(PersonLists(ADA, tuple(Lists(name, SHOWN, SHOWN, ("join", "complete")) for name in USE_CASES)),),
    alike=(Alike("similar_programs", SHOWN[0], SHOWN[1:]),),
    comparisons=tuple(Comparison(name, METRICS, METRICS) for name in USE_CASES),
    timings=tuple(Timing(name, {"compare datasets": 1.0, "train": 2.0}, 123.4, 1.0) for name in USE_CASES),
    checks=tuple(
        Check(f"{name}: everybody in the audience has a list", True, f"{'whole detail ' * 8}of {name}")
        for name in USE_CASES
    ),
    live=Live((ASKED,), Tracked("posts", 0.1, (0, 0), (10, 4)), (ASKED, ASKED), ()),
    next_steps=(("A list", COMMAND),),
)


@pytest.mark.parametrize("width", [80, 120])
def test_the_whole_report_fits_the_page_and_uses_it_and_commands_stay_whole(width: int) -> None:
    lines = render(REPORT, width).splitlines()
    assert any("k" * 170 in line for line in lines)
    assert width - 10 < max(len(line) for line in lines if "kkk" not in line) <= width


@pytest.mark.parametrize("width", [80, 120])
def test_metrics_are_told_apart_and_nothing_of_a_check_is_cut(width: int) -> None:
    rows = [line.split() for line in render_comparisons(REPORT.comparisons[:1], width).splitlines()[1:]]
    names = [" ".join(row[1:-4]) for row in rows[: len(METRICS)]]
    assert names == [
        "coverage", "MRR@25",
        *(f"{name}@{k}" for name in ("NDCG", "weighted NDCG", "precision") for k in (5, 10, 25)),
    ]  # fmt: skip
    told = render_checks(REPORT.checks, width)
    assert "…" not in told and told.split().count("detail") == 8 * len(USE_CASES)


def test_what_is_similar_stands_beside_the_item_that_it_is_similar_to() -> None:
    text = render(REPORT, 120)
    at = text.splitlines().index(next(line for line in text.splitlines() if "similar programs: to" in line))
    first = text.splitlines()[at + 1]
    assert first.index("Item 0") < first.index("Item 1")


def taste(**likes: int) -> Counter[str]:
    return Counter(likes)


def test_the_people_shown_differ_in_taste_and_are_the_same_every_time() -> None:
    crowd = {f"u{n}": taste(Drama=n, War=n, Comedy=n) for n in range(1, 41)}
    special = {
        "war": taste(War=75),
        "comedy": taste(Comedy=75),
        "drama": taste(Drama=75),
        "eager": taste(War=999),
        "silent": taste(Comedy=1),
    }
    chosen = people.choose(crowd | special, 3)
    assert set(chosen) == {"war", "comedy", "drama"}
    assert people.choose(dict(reversed((crowd | special).items())), 3) == chosen


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_people_are_no_problem(count: int) -> None:
    everybody = {str(number): taste(Drama=5) for number in range(count)}
    assert len(people.choose(everybody, 3)) <= count


def test_favourites_are_what_others_like_less() -> None:
    everybody = taste(Drama=50, War=30, Comedy=20)
    assert people.favourites(taste(Drama=5, War=4, Comedy=1), everybody, 2) == ("War",)
    assert people.favourites(taste(), everybody, 2) == ()


FACTS = UseCaseFacts(audience=frozenset({"1", "2"}), own={"1": frozenset({"a"})}, liked={}, labels={})


def results(served: Served | None, generation: str | None = "G1") -> dict[str, bool]:
    return {
        check.claim.removeprefix("posts: "): check.holds
        for check in checks("posts", FACTS, served, generation)
    }


def test_all_checks_hold_for_a_sound_generation() -> None:
    served = Served("G1", {"1": ("b", "c"), "2": ("a",)}, {"1": 1_024, "2": 80})
    assert results(served) == {
        "readers see the run's generation": True,
        "everybody in the audience has a list": True,
        "no own items in any list": True,
        "nothing twice in any list": True,
        "one write unit per user": True,
    }


@pytest.mark.parametrize(
    ("served", "broken"),
    [
        (Served("G0", {"1": ("b",), "2": ("a",)}, {"1": 80, "2": 80}), "readers see the run's generation"),
        (Served("G1", {"1": ("b",)}, {"1": 80}), "everybody in the audience has a list"),
        (Served("G1", {"1": ("b",), "2": ()}, {"1": 80, "2": 80}), "everybody in the audience has a list"),
        (Served("G1", {"1": ("a",), "2": ("a",)}, {"1": 80, "2": 80}), "no own items in any list"),
        (Served("G1", {"1": ("b", "b"), "2": ("a",)}, {"1": 80, "2": 80}), "nothing twice in any list"),
        (Served("G1", {"1": ("b",), "2": ("a",)}, {"1": 1_025, "2": 80}), "one write unit per user"),
    ],
)
def test_each_fault_is_found_by_its_check(served: Served, broken: str) -> None:
    assert [claim for claim, holds in results(served).items() if not holds] == [broken]


def test_an_unchanged_run_is_checked_against_what_is_visible() -> None:
    served = Served("G0", {"1": ("b",), "2": ("a",)}, {"1": 80, "2": 80})
    assert all(results(served, generation=None).values())


def test_nothing_published_is_a_failed_check() -> None:
    assert results(None) == {"a generation is visible": False}
