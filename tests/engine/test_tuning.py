"""A search that is kept in a file: taken up where it was stopped, never mixed with another."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.data.generated import generated
from engine.data.metadata import Metadata, categories
from engine.data.training_data import TrainingData
from engine.fitting import tuning
from engine.fitting.hybrid import HybridConfig
from engine.fitting.tuning import Task, learned_for, tune
from engine.ground.errors import ConfigError, EngineError
from engine.models.ease import EaseConfig
from engine.models.popularity import PopularityConfig

BASE = HybridConfig(members=(EaseConfig(strength=15), PopularityConfig()), half_lives=(None,))
DATA = TrainingData(generated(80, 30, 1_200, seed=2).interactions).distinct()


def task(data: TrainingData = DATA) -> Task:
    return Task(data=data, validation="user-time")


def states(study: Path) -> list[str]:
    with closing(sqlite3.connect(study)) as base:
        return [row[0] for row in base.execute("select state from trials order by number")]


def test_a_search_that_is_taken_up_returns_the_settings_that_were_measured_best(tmp_path: Path) -> None:
    study, best = tmp_path / "a study?.db", []
    for _ in range(3):
        found = tune([task()], BASE, seconds=0, storage=study, progress=lambda _, value: best.append(value))
        assert learned_for(task(), BASE, found.members)[1] == pytest.approx(best[-1], abs=1e-3)
    assert states(study) == ["COMPLETE"] * 3
    assert best == sorted(best) and best[0] == pytest.approx(learned_for(task(), BASE, BASE.members)[1])
    again = replace(BASE, weights=(0.5, 0.5), validation="random", seed=9)  # learned or replaced by the tasks
    tune([task()], again, seconds=0, storage=study)


def test_a_search_begun_with_other_settings_or_data_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    study = tmp_path / "study.db"
    tune([task()], BASE, seconds=0, storage=study)
    events = DATA.interactions
    other_times = DATA.with_interactions(replace(events, times=events.times[::-1].copy()))
    kinds = Metadata.of(events.item_ids, {"KIND": categories(["a", "b"] * (len(events.item_ids) // 2))})
    for wanted, base, what in (
        (task(), replace(BASE, members=(EaseConfig(strength=1e9), PopularityConfig())), "of other settings:"),
        (task(), replace(BASE, half_lives=(None, 5.0)), "of other settings:"),
        (replace(task(), seed=1), BASE, "of other validation:"),
        (task(other_times), BASE, "of other data:"),
        (task(replace(DATA, items=kinds)), BASE, "of other data:"),
    ):
        with pytest.raises(ConfigError, match=what):
            tune([wanted], base, seconds=0, storage=study)
    assert states(study) == ["COMPLETE"]


def test_a_search_stopped_in_its_first_trial_tries_the_settings_it_starts_from_when_taken_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, tried = tmp_path / "study.db", []

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(tuning, "learned_for", stopped)
        with pytest.raises(KeyboardInterrupt):
            tune([task()], BASE, seconds=0, storage=study)
    assert states(study) == ["RUNNING"]
    tune([task()], BASE, seconds=0, storage=study, progress=lambda _, value: tried.append(value))
    assert states(study) == ["FAIL", "COMPLETE"]
    assert tried == [pytest.approx(learned_for(task(), BASE, BASE.members)[1])]


def test_a_file_that_cannot_keep_a_search_is_named_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.db").write_text("hello")
    for place, why in (
        (tmp_path / "none" / "study.db", "no folder"),
        (tmp_path / "text.db", "not a database"),
        (tmp_path, "unable to open"),
    ):
        with pytest.raises(EngineError, match=why):
            tune([task()], BASE, seconds=0, storage=place)
    (tmp_path / "events.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\na,x,1700000001\nb,x,1700000002\n")
    arguments = [
        "tune",
        "--interactions",
        str(tmp_path / "events.csv"),
        "--config",
        str(tmp_path / "found.json"),
    ]
    assert main([*arguments, "--study", str(tmp_path / "none" / "study.db")]) == 1
    [line] = [line for line in capsys.readouterr().err.splitlines() if "error" in line]
    assert "no folder" in line
