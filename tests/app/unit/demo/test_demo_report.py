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
from local_cloud.demo.report import Check, Comparison, Lists, Person, PersonLists, Report, Timing
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


def test_what_someone_liked_stands_beside_what_they_get() -> None:
    lists = Lists("posts", ("Seen (1995)",), ("New (1996)", "Newer (1997)"))
    lines = render_person(PersonLists(ADA, (lists,))).splitlines()
    assert lines[0] == "  Ada Rossi (user 7: 31, female, IT, advanced; likes Drama, War)"
    assert lines[1].split() == ["posts:", "chosen", "so", "far", "recommended"]
    assert lines[2].endswith(" New (1996)") and "Seen (1995)" in lines[2]
    assert lines[3].strip() == "Newer (1997)"
    assert lines[2].index("New (1996)") == lines[3].index("Newer (1997)") == lines[1].index("recommended")


def test_metrics_stand_beside_popularitys_with_their_ratio() -> None:
    text = render_comparisons(
        [Comparison("posts", {NDCG: 0.2, "coverage": 0.5}, {NDCG: 0.08, "coverage": 0.0})]
    )
    assert [line.split() for line in text.splitlines()[1:]] == [
        ["posts", "coverage", "0.5000", "0.0000", "-"],
        ["posts", NDCG, "0.2000", "0.0800", "2.50", "x"],
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


def test_the_whole_report_fits_the_page_and_commands_stay_whole() -> None:
    command = "aws dynamodb get-item --table-name t --key \\\n  '" + "k" * 120 + "'"
    lists = Lists("users_to_follow", ("A" * 80,), ("B" * 80,))
    report = Report(
        outcomes=(("posts", "published", "943 users"),),
        people=(PersonLists(ADA, (lists,)),),
        comparisons=(Comparison("posts", {NDCG: 0.2}, {NDCG: 0.1}),),
        timings=(Timing("posts", {"extract": 1.0}, 2.0, 1.0),),
        checks=(Check("fine", True, "yes"),),
        next_steps=(("A list", command),),
    )
    text = render(report)
    assert "k" * 120 in text
    assert all(len(line) <= WIDTH for line in text.splitlines() if "kkk" not in line)


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
