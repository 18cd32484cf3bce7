"""`python -m engine ... --json`: one object on standard output, with the figures of the tables."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.cli.main import main
from engine.data.generated import generated
from engine.serving import artifacts

EVENTS = 3_000


def answered(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    assert main([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = generated(200, 80, EVENTS, seed=2).interactions
    lines = [
        f"{found.user_ids[user]},{found.item_ids[item]},{time}"
        for user, item, time in zip(found.users, found.items, found.times, strict=True)
    ]
    path = tmp_path_factory.mktemp("events") / "events.csv"
    path.write_text("\n".join(["USER_ID,ITEM_ID,TIMESTAMP", *lines]) + "\n")
    return path


def test_what_a_model_was_trained_on_and_its_lists(
    events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, output = tmp_path / "model.rec", tmp_path / "all.jsonl"
    trained = answered(capsys, "train", "--interactions", events, "--algorithm", "ease", "--model", path)
    stored = artifacts.load(path)
    person, item = stored.user_ids[0], stored.item_ids[0]

    mine = answered(capsys, "recommend", "--model", path, "-n", 3, person, "nobody")
    alike = answered(capsys, "similar", "--model", path, "-n", 2, item)
    batch = answered(capsys, "batch", "--model", path, "-n", 2, "--output", output)

    users, items = len(stored.user_ids), len(stored.item_ids)
    assert trained == {"model": str(path), "events": EVENTS, "users": users, "items": items}
    assert [one["id"] for one in mine["lists"]] == [person, "nobody"]
    for one, got in zip(mine["lists"], stored.recommend([person, "nobody"], 3), strict=True):
        pairs = zip(got.item_ids, got.scores, strict=True)
        assert one["items"] == [{"id": name, "score": score} for name, score in pairs]
    [similar] = stored.similar_items([item], 2)
    assert [one["id"] for one in alike["lists"][0]["items"]] == similar.item_ids
    assert batch == {"output": str(output), "users": users}


def test_the_figures_of_the_tables(events: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--interactions", str(events)]
    assert main(["compare", *data, "svd", "popularity"]) == 0
    read = capsys.readouterr().out

    told = answered(capsys, "compare", *data, "svd", "popularity")
    report = tmp_path / "report.html"
    more = answered(capsys, "evaluate", *data, "--algorithm", "popularity", "--report", report)

    assert [one["name"] for one in told["models"]] == ["svd", "popularity"]
    for one in told["models"]:
        means = (each["mean"] for each in one["metrics"].values())
        assert all(f"{value:.4f}" in read for value in (*means, *one["figures"].values()))
    [gap] = told["differences"]
    assert f"{gap['better']} - {gap['worse']}: {gap['mean']:+.4f} ndcg@10 [{gap['low']:+.4f}," in read
    assert (told["setting"]["protocol"], told["setting"]["events"]) == ("user-time", EVENTS)
    assert more["models"][0]["metrics"] == told["models"][1]["metrics"]
    assert (more["report"], more["skipped"]) == (str(report), {}) and report.is_file()


def test_what_the_data_cannot_train_is_told_with_the_reason(
    events: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("engine.cli.evaluating.ALGORITHMS", ("popularity", "content"))

    told = answered(capsys, "evaluate", "--interactions", events, "--report", tmp_path / "report.html")

    assert list(told["skipped"]) == ["content"] and "item metadata" in told["skipped"]["content"]
    assert {one["name"] for one in told["models"]} == {"hybrid", "popularity"}


@pytest.mark.prove
def test_the_figures_of_the_benchmark(capsys: pytest.CaptureFixture[str]) -> None:
    told = answered(capsys, "bench", "--users", 200, "--items", 80, "--events", 3_000)

    assert told["size"] == {"users": 200, "items": 80, "events": 3_000}
    assert all(value > 0 for value in told["hybrid"].values())
    assert all(one["train_seconds"] >= 0 and one["peak_mb"] > 0 for one in told["algorithms"].values())
