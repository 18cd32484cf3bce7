"""Where the data of the demo and of the drill comes from, or why there is none."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from config import place
from config.notifications import NOTIFICATIONS
from config.types.demonstration import NoData, Say
from config.use_cases import USE_CASES
from local_cloud.cli import main
from local_cloud.demo import demo
from local_cloud.drill.cast import cast
from local_cloud.ground.settings import Settings
from local_cloud.machine.postgres import Database
from local_cloud.machine.progress import Progress
from tests.app.support.business.demo import DEMO
from tests.app.support.business.stages import LOCAL


@dataclass(frozen=True)
class UnreachableCloud:
    """Its database does not answer."""

    settings: Settings = Settings()  # noqa: RUF009

    def database(self) -> Database:
        return Database(port=1, password="none")


def test_the_demo_ends_with_1_and_the_reason_if_it_cannot_load(capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(dsn: str, say: Say) -> str:
        raise NoData(f"cannot connect to {dsn}")

    cloud: Any = UnreachableCloud()
    assert demo.run(cloud, Progress(), DEMO, refuse) == 1
    assert "demo: cannot connect to postgresql://" in capsys.readouterr().err


def test_data_is_taken_by_its_name_or_the_first_and_unknown_names_are_refused_with_those_that_there_are() -> (
    None
):
    other = replace(DEMO, sources={**DEMO.sources, "nothing": lambda dsn, say: ""})

    assert demo.source_of(other, None) is DEMO.sources["tastes"]
    assert demo.source_of(other, "nothing") is other.sources["nothing"]
    with pytest.raises(NoData, match="--data films: there is no such data, but tastes, nothing"):
        demo.source_of(other, "films")


def test_without_a_word_about_data_the_demo_and_the_drill_say_what_is_missing_before_they_start_anything(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(place, "demo", lambda: None)

    assert main(["demo", "--folder", str(tmp_path / "cloud")]) == 1
    assert "demo.py is missing" in capsys.readouterr().err
    assert main(["drill", "--folder", str(tmp_path / "cloud")]) == 1
    assert "the drill needs what is not configured: config/demo.py" in capsys.readouterr().err
    assert not (tmp_path / "cloud").exists()


def test_the_drill_names_everything_that_it_lacks() -> None:
    similar = [case for case in USE_CASES if case.name == "similar_programs"]

    with pytest.raises(NoData) as refused:
        cast(LOCAL, similar, NOTIFICATIONS, DEMO)

    assert "trained on tracked events" in str(refused.value) and "a notification of a use case" in str(
        refused.value
    )
    assert "config/demo.py" not in str(refused.value)
    assert cast(LOCAL, USE_CASES, NOTIFICATIONS, DEMO).paths == {
        "users_to_follow": "people-to-follow",
        "training_programs": "training-programs",
    }
