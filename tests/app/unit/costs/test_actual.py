"""What a run used is in its record, and stands beside what was estimated for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest

from costs.command import main
from costs.estimating.actual import known_volumes
from costs.usage.volumes import Volumes
from pipeline import keys
from pipeline.lists import publish
from pipeline.lists.publish import Loaded
from tests.app.unit.costs.estimates import TODAY

DATASETS = [
    {"dataset": "interactions", "rows": 400_000, "users": 12_000, "items": 900, "seconds": 3.25},
    {"dataset": "users", "rows": 13_500, "users": 13_500, "items": None, "seconds": 1.0},
    {"dataset": "items", "rows": 1_000, "users": None, "items": 1_000, "seconds": 0.5},
]
RECORD: dict[str, Any] = {
    "generation": "20261121T195012345",
    "audience": 4_050,
    "loaded": 4_000,
    "errors": 0,
    "datasets": DATASETS,
}
Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(content: Any, *, use_case: str = "posts") -> str:
        folder = tmp_path / "runs" / use_case / "personalize"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / "last_good.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        return str(file)

    return written


def test_a_record_says_people_rows_write_units_and_seconds() -> None:
    loaded = Loaded(audience=4_050, loaded=4_000, errors=50, minimum_share=0.9)
    began = 1_795_290_612.345

    assert publish.used("20261121T195012345", loaded, DATASETS, now=began + 3_600) == {
        "people": 4_050,
        "rows": 414_500,
        "writeUnits": 4_000,
        "extractSeconds": 4.75,
        "seconds": pytest.approx(3_600, abs=0.01),
    }


def test_a_run_whose_name_is_no_time_has_no_seconds() -> None:
    loaded = Loaded(audience=1, loaded=1, errors=0, minimum_share=0.9)

    assert publish.used("by-hand", loaded, [], now=0.0)["seconds"] is None


def test_what_was_used_stands_beside_the_estimate(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    record = {**RECORD, "used": {"writeUnits": 4_000}}

    assert main(["actual", write(record), "--people", "13500", "--json"], TODAY) == 0

    [found] = json.loads(capsys.readouterr().out)
    rows = {one["what"]: one for one in found["compared"]}
    assert (found["useCase"], found["variant"], found["run"]) == (
        "posts",
        "personalize",
        RECORD["generation"],
    )
    assert rows["people known"]["share"] == 1.0
    assert rows["interactions"]["used"] == 400_000
    assert rows["rows extracted"]["used"] == 414_500
    assert rows["lists, in write units"]["used"] == 4_000
    usd = rows["US dollars of the run"]
    # More interactions than were assumed, and trainings are paid by them.
    assert usd["used"] > usd["estimated"]
    assert usd["used"] == pytest.approx(400 * 0.002 + 4.05 * 0.15, rel=0.05)


def test_records_of_before_say_what_was_loaded(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actual", write(RECORD)], TODAY) == 0

    assert "lists, in write units" in capsys.readouterr().out


def test_what_dollars_of_a_run_rest_on_is_said(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actual", write(RECORD)], TODAY) == 0

    printed = capsys.readouterr().out
    assert "US dollars of the run*" in printed
    assert "1,000 interactions trained on: assumed: the price of ap-southeast-1" in " ".join(printed.split())
    assert "people 13500 (run 20261121T195012345)" in printed
    assert max(map(len, printed.splitlines())) <= 80


@pytest.mark.parametrize("content", [{}, [], {"datasets": []}, {"datasets": [{"dataset": "interactions"}]}])
def test_what_is_no_record_is_refused(content: Any, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actual", write(content)], TODAY) == 1
    assert "no last_good.json" in capsys.readouterr().err


def test_a_folder_of_no_use_case_is_refused(write: Write, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actual", write(RECORD, use_case="poets")], TODAY) == 1
    assert "there are: posts" in capsys.readouterr().err


def test_a_file_that_is_no_json_is_named_with_what_it_should_be(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "last_good.json"
    file.write_text("[costs]", encoding="utf-8")

    for command in (["actual", str(file)], ["ask", "whom", "--record", str(file)]):
        assert main(command, TODAY) == 1
        assert f"{file} is no JSON, as last_good.json of a run is" in capsys.readouterr().err


def test_without_any_record_it_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["actual"], TODAY)
    assert "--bucket" in capsys.readouterr().err


def test_records_are_read_from_the_bucket(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    client = boto3.client("s3")
    client.create_bucket(
        Bucket="data", CreateBucketConfiguration={"LocationConstraint": client.meta.region_name}
    )
    assert main(["actual", "--bucket", "data"], TODAY) == 1
    client.put_object(Bucket="data", Key=keys.last_good("posts", "personalize"), Body=json.dumps(RECORD))

    assert main(["actual", "--bucket", "data"], TODAY) == 0
    assert "posts, personalize, 20261121T195012345" in capsys.readouterr().out


def test_a_bucket_that_is_not_there_is_refused(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["actual", "--bucket", "nowhere"], TODAY) == 1
    assert "NoSuchBucket" in capsys.readouterr().err


def test_people_interactions_items_and_the_audience_are_known_by_a_record() -> None:
    """Of each dataset the larger number: not everybody has an interaction, not every item either."""
    found, known = known_volumes(RECORD)

    assert found == {
        "people": 13_500,
        "interactions_per_person": pytest.approx(400_000 / 13_500),
        "items": 1_000,
        "active_share": pytest.approx(0.3),
    }
    assert set(known.values()) == {"run 20261121T195012345"}


def test_an_estimate_takes_what_a_record_says_and_says_so(
    write: Write, assembly: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--assembly", str(assembly), "--use-case", "posts", "--record", write(RECORD), "--items", "7"]

    assert main(asked, TODAY) == 0

    printed = capsys.readouterr().out
    assert "people 13500 (run 20261121T195012345)" in printed
    assert "items 7 (given)" in printed
    assert f"changed_days {Volumes().changed_days:g} (assumed)" in printed
