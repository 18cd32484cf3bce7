"""Simulated people: the same every time, of a known truth, and using an application as others do."""

import csv
import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.http.caller import Caller
from pipeline.tracking.posting import posted_events
from pipeline.tracking.use_cases import TrackedUseCase
from trial_data.__main__ import main
from trial_data.application import Application, NotAnswered
from trial_data.figures import conversions, table
from trial_data.people import Town, town
from trial_data.visits import Shown, Visit, visit, visitors

DAY = date(2026, 11, 20)
TRACKED = {"shows": TrackedUseCase(name="shows", event_types=("like",), actions=("like",))}


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


@dataclass
class FakeApi:
    """Answers with lists, and takes events as the API does: what is wrong with one is an error."""

    refuses: int = 0
    """so many times before it answers"""
    posted: list[Any] = field(default_factory=list)

    def get(self, path: str) -> Answer:
        if self.refuses:
            self.refuses -= 1
            return Answer(503, {"detail": "not now"})
        person = int(path.split("/")[3].removeprefix("person-"))
        items = [{"id": f"show-{(person + place) % 120:03d}"} for place in range(5)]
        arm = {"arm": "treatment", "experiment": 3} if person % 2 else {}
        return Answer(200, {"items": items, "source": "batch", "variant": "own", "generation": "g1", **arm})

    def post(self, path: str, document: Any) -> Answer:
        if self.refuses:
            self.refuses -= 1
            return Answer(503, {"detail": "not now"})
        now = datetime(2026, 11, 20, 21, tzinfo=UTC).timestamp()
        self.posted += posted_events(document, Caller(None, is_backend=True), TRACKED, now=now)
        return Answer(202, {"accepted": len(document["events"])})


def by_chance(of: Town, lists: dict[str, list[str]], days: int) -> list[Visit]:
    made = []
    for number in range(days):
        for row, at in visitors(of, DAY + timedelta(days=number)):
            made.append(visit(of, row, at, Shown(tuple(lists[of.people[row]]), "batch", "own")))
    return made


def test_the_same_seed_makes_the_same_people_who_do_the_same() -> None:
    one, same, other = town(1, people=50), town(1, people=50), town(2, people=50)
    lists = {person: list(one.items[:5]) for person in one.people}

    assert np.array_equal(one.chances, same.chances)
    assert by_chance(one, lists, 3) == by_chance(same, lists, 3)
    assert not np.array_equal(one.chances, other.chances)


def test_what_people_do_is_what_was_to_be_expected_of_their_lists() -> None:
    of = town(3)
    best = {p: [of.items[i] for i in np.argsort(-of.chances[row])[:5]] for row, p in enumerate(of.people)}
    for lists in (best, {person: list(of.items[40:45]) for person in of.people}):
        done = by_chance(of, lists, 20)
        acted, shown = (sum(sum(one.acted) for one in done), sum(len(one.acted) for one in done))
        assert acted / shown == pytest.approx(of.conversion(lists), rel=0.1)
        assert acted == pytest.approx(sum(one.expected for one in done), rel=0.1)


def test_earlier_places_are_acted_on_more_often() -> None:
    of = town(4, tastes=False)
    done = by_chance(of, {person: list(of.items[:5]) for person in of.people}, 30)

    by_place = np.array([one.acted for one in done]).sum(axis=0)

    assert by_place[0] > by_place[1] > by_place[4]


def test_without_tastes_no_list_is_better_than_another() -> None:
    of = town(5, tastes=False)
    rng = np.random.default_rng(0)
    truths = {
        round(of.conversion({p: rng.permutation(of.items)[:5].tolist() for p in of.people}), 12)
        for _ in range(20)
    }
    assert len(truths) == 1


def test_every_visit_is_posted_as_events_that_the_api_takes() -> None:
    of, api = town(1, people=80), FakeApi()

    done = Application(api, "shows", "shows").day(of, DAY)

    kinds = Counter(event.type for event in api.posted)
    assert len(done) == len(visitors(of, DAY)) > 30
    assert kinds == {"impression": 5 * len(done), "like": sum(sum(one.acted) for one in done)}
    assert len({event.claim for event in api.posted}) == len(api.posted)
    assert {(event.experiment, int(str(event.user_id)[-3:]) % 2) for event in api.posted} == {
        (3, 1),
        (None, 0),
    }


def test_a_busy_api_is_asked_again_and_one_that_stays_so_ends_the_simulation() -> None:
    of, busy = town(1, people=20), FakeApi(refuses=5)
    done = Application(busy, "shows", "shows", at_once=1, sleep=lambda _: None).day(of, DAY)
    assert Counter(event.type for event in busy.posted)["impression"] == 5 * len(done)

    with pytest.raises(NotAnswered, match="503"):
        Application(FakeApi(refuses=1_000), "shows", "shows", sleep=lambda _: None).day(of, DAY)


def test_figures_show_the_truth_beside_the_interval_and_fit_the_width() -> None:
    of = town(6)
    done = by_chance(of, {person: list(of.items[:5]) for person in of.people}, 12)

    [row] = conversions(done, lambda one: one.shown.variant)

    assert row.low < row.truth < row.high
    assert row.value is not None and row.low < row.value < row.high
    assert all(len(line) <= 80 for line in table([row]))


def test_programs_get_the_conversion_of_simulated_people_as_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("trial_data.__main__.SignedApi", lambda _: FakeApi())
    asked = ["simulate", "--url", "http://there", "--use-case", "shows", "--path", "shows", "--people", "40"]

    assert main([*asked, "--day", "2026-11-20", "--json"]) == 0

    said = capsys.readouterr()
    told = json.loads(said.out)
    [own] = told["variants"]
    assert (own["of"], own["impressions"]) == ("own", 5 * told["visits"])
    assert own["low"] < own["value"] < own["high"] and f"{told['visits']} visits" in said.err


def test_the_command_writes_files_for_a_stage_without_a_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["simulate", "--folder", str(tmp_path), "--people", "30", "--day", "2026-11-20"]) == 0

    rows = {path.stem: list(csv.DictReader(path.read_text().splitlines())) for path in tmp_path.iterdir()}
    assert {name: len(some) for name, some in rows.items()} == {
        "interactions": 720,
        "users": 30,
        "items": 120,
    }
    day = datetime(2026, 11, 20, tzinfo=UTC).timestamp()
    assert all(day - 31 * 86_400 < int(row["TIMESTAMP"]) < day for row in rows["interactions"])
    assert "simulated" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--folder", "x", "--people", "0"), "--people must be at least 1, got 0"),
        (("--url", "http://localhost:1"), "needs --use-case and --path"),
    ],
)
def test_arguments_that_do_not_fit_are_told(
    words: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["simulate", *words])
    assert told in capsys.readouterr().err
