"""python -m engine from data to lists, with exit codes and messages a person can act on."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.cli.main import main
from engine.data.generated import DEVICES, generated, with_devices
from engine.fitting import configs
from engine.fitting.hybrid import HybridConfig
from engine.fitting.tuning import Task, tune
from engine.models.ease import EaseConfig
from engine.models.pure_svd import PureSvdConfig
from engine.serving import artifacts

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("engine")
    events = generated(400, 150, 5_000, seed=2).interactions
    lines = [
        f"{events.user_ids[user]},{events.item_ids[item]},{time}"
        for user, item, time in zip(events.users, events.items, events.times, strict=True)
    ]
    (place / "events.csv").write_text("\n".join(["USER_ID,ITEM_ID,TIMESTAMP", *lines]) + "\n")
    (place / "items.csv").write_text(
        "\n".join(["ITEM_ID,KIND", *(f"{item},k{at % 3}" for at, item in enumerate(events.item_ids))]) + "\n"
    )
    config = HybridConfig(members=(EaseConfig(), PureSvdConfig(factors=8)), half_lives=(None, 5.0))
    configs.save(config, place / "light.json")
    return place


@pytest.fixture(scope="module")
def model(folder: Path) -> Path:
    path = folder / "model.rec"
    learned = folder / "learned.json"
    arguments = ["--interactions", folder / "events.csv", "--items", folder / "items.csv"]
    arguments += ["--algorithm", folder / "light.json", "--model", path, "--chosen", learned]
    assert run("train", *arguments) == 0
    return path


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def hybrid_of(path: Path) -> HybridConfig:
    config = configs.load(path)
    assert isinstance(config, HybridConfig)
    return config


def test_training_stores_a_model_and_the_configuration_it_learned(folder: Path, model: Path) -> None:
    assert len(artifacts.load(model).user_ids) > 300
    assert hybrid_of(folder / "learned.json").weights is not None


def test_recommending_prints_a_line_per_user(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("recommend", "--model", model, "-n", 3, "u00000001", "nobody", "--diversity", 0.2) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines] == ["u00000001", "nobody"]
    assert lines[0].count("(") == 3


def test_what_circumstances_change_is_learned_from_columns_of_the_events(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = with_devices(generated(400, 150, 8_000, seed=2), leaning=0.8)
    assert data.contexts is not None
    events, devices = data.interactions, data.contexts.columns["DEVICE"]
    lines = [
        f"{events.user_ids[user]},{events.item_ids[item]},{time},{DEVICES[code] if at % 9 else ''}"
        for at, (user, item, time, code) in enumerate(
            zip(events.users, events.items, events.times, devices.codes, strict=True)
        )
    ]
    (folder / "devices.csv").write_text("\n".join(["USER_ID,ITEM_ID,TIMESTAMP,Device", *lines]) + "\n")
    model = folder / "devices.rec"
    arguments = ["--interactions", folder / "devices.csv", "--algorithm", folder / "light.json"]
    assert run("train", *arguments, "--context", "device", "--model", model) == 0
    learned = artifacts.load(model).context
    assert learned is not None and learned.columns[0].values.tolist() == list(DEVICES)
    asked = ["recommend", "--model", model, "-n", 5, "nobody"]
    answers = []
    for more in ([], ["--context", "device=tv"], ["--context", "DEVICE=tv"], ["--context", "DEVICE=fridge"]):
        capsys.readouterr()
        assert run(*asked, *more) == 0
        answers.append(capsys.readouterr().out)
    assert answers[0] == answers[3] != answers[1] == answers[2]
    assert run(*asked, "--context", "tv") == 1
    assert "COLUMN=VALUE" in capsys.readouterr().err
    assert run("train", *arguments, "--context", "weather", "--model", model) == 1
    assert "no column WEATHER" in capsys.readouterr().err


def test_similar_items_are_printed(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("similar", "--model", model, "-n", 2, "i000001") == 0
    assert capsys.readouterr().out.startswith("i000001: ")


def test_batch_writes_the_lines_of_a_personalize_job(folder: Path, model: Path) -> None:
    output = folder / "out.jsonl"
    (folder / "ask.jsonl").write_text('{"userId": "u00000003"}\nnobody\n')
    assert run("batch", "--model", model, "--output", output, "--users", folder / "ask.jsonl", "-n", 4) == 0
    lines = [json.loads(line) for line in output.read_text().splitlines()]
    assert [line["input"]["userId"] for line in lines] == ["u00000003", "nobody"]
    for line in lines:
        assert line["error"] is None
        assert len(line["output"]["recommendedItems"]) == len(line["output"]["scores"]) == 4


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (("--diversity", "2"), "in 0..1"),
        (("--context", "bad"), "COLUMN=VALUE"),
        (("--users", "latin.txt"), "not UTF-8"),
    ],
    ids=["diversity", "context", "users"],
)
def test_a_refused_batch_leaves_the_output_of_before(
    folder: Path, model: Path, wrong: tuple[str, str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "latin.txt").write_bytes("müller\n".encode("latin-1"))
    (folder / "kept.jsonl").write_text("as it was")
    option, value = wrong
    given = folder / value if option == "--users" else value
    assert run("batch", "--model", model, "--output", folder / "kept.jsonl", option, given) == 1
    assert message in capsys.readouterr().err
    assert (folder / "kept.jsonl").read_text() == "as it was"
    assert not list(folder.glob("*.unfinished"))


def test_batch_for_everyone_can_be_csv(folder: Path, model: Path) -> None:
    assert run("batch", "--model", model, "--output", folder / "out.csv", "--format", "csv", "-n", 2) == 0
    lines = (folder / "out.csv").read_text().splitlines()
    assert lines[0] == "USER_ID,RANK,ITEM_ID,SCORE"
    assert len(lines) == 1 + 2 * len(artifacts.load(model).user_ids)


def test_evaluating_prints_a_table_and_writes_a_report_with_plots(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = folder / "report.html"
    arguments = ["--interactions", folder / "events.csv", "--protocol", "random", "--report", report]
    arguments += ["--learning-curve"]
    names = ["--algorithm", folder / "light.json", "--algorithm", "popularity", "--algorithm", "svd"]
    assert run("evaluate", *arguments, *names) == 0
    printed = capsys.readouterr().out
    assert "ndcg@10" in printed and "popularity" in printed and "p = " in printed
    page = report.read_text()
    assert page.count("<svg") == 4
    for part in ("do chances come true?", "learning curve", "half-life of a history", "more than luck"):
        assert part in page
    assert "42: draws what is held back" in page and "events.csv: " in page


def test_a_pipe_gets_no_progress_bars_and_nothing_wider_than_eighty_columns(folder: Path) -> None:
    command = [sys.executable, "-m", "engine", "compare", "--interactions", str(folder / "events.csv")]
    environment = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    done = subprocess.run(
        [*command, "popularity", "svd"], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert "users/s" in done.stdout and max(map(len, done.stdout.splitlines())) <= 80


def test_comparing_names_the_better_one(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compare", "--interactions", folder / "events.csv", "ease", "popularity") == 0
    printed = capsys.readouterr().out
    assert "ease - popularity: +" in printed and printed.count("p = ") == 1


def test_tuning_writes_a_configuration_that_trains_and_resumes_its_study(
    folder: Path, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, study = folder / "tuned.json", folder / "study.db"
    arguments = ["--interactions", folder / "events.csv", "--algorithm", folder / "light.json"]
    arguments += ["--config", found, "--study", study, "--seconds", 20]
    assert run("tune", *arguments, "--trials", 2) == 0
    capsys.readouterr()
    assert run("tune", *arguments, "--trials", 1, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["config"], told["trials"]) == (str(found), 3) and 0 < told["ndcg@10"] < 1
    assert told["members"] == len(hybrid_of(found).members)
    import sqlite3

    with sqlite3.connect(study) as base:
        assert base.execute("select count(*) from trials").fetchone() == (3,)
    base.close()


def test_tuning_is_never_worse_than_the_settings_it_starts_from(folder: Path) -> None:
    from engine.data.loading import load
    from engine.fitting.hybrid import learn_with_quality

    data = load(folder / "events.csv")
    base = hybrid_of(folder / "light.json")
    found = tune([Task(data=data, validation=base.validation)], base, seconds=20, trials=3, seed=1)
    start = learn_with_quality(data, base)[1]
    again = learn_with_quality(data, HybridConfig(members=found.members, half_lives=(None, 5.0)))[1]
    assert again >= start - 0.02


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "--interactions", "nowhere.csv", "--model", "m.rec"], "no file nowhere.csv"),
        (["recommend", "--model", "nowhere.rec", "u"], "nowhere.rec"),
        (["compare", "--interactions", "{events}", "ease", "magic"], "no algorithm 'magic'"),
        (["compare", "--interactions", "{events}", "content", "ease"], "needs item metadata"),
        (["train", "--interactions", "{events}", "--model", "m", "--event-weight", "x"], "TYPE=WEIGHT"),
        (["train", "--interactions", "{events}", "--model", "m", "--event-weight", "x=nan"], "finite"),
        (["evaluate", "--interactions", "{empty}", "--protocol", "global-time"], "no interactions"),
        (["tune", "--interactions", "{events}", "--algorithm", "ease", "--config", "c"], "on a hybrid"),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_the_exit_code_is_1(
    folder: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "empty.csv").write_text("USER_ID,ITEM_ID,TIMESTAMP\n")
    filled = [text.format(events=folder / "events.csv", empty=folder / "empty.csv") for text in arguments]
    assert run(*filled) == 1
    assert message in capsys.readouterr().err


def test_wrong_usage_exits_with_2_and_help_with_0() -> None:
    for arguments, code in (
        ([], 2),
        (["train"], 2),
        (["recommend", "--model", "m", "u", "-n", "-3"], 2),
        (["evaluate", "--interactions", "e", "--seed", "-1"], 2),
        (["tune", "--interactions", "e", "--config", "c", "--trials", "0"], 2),
        (["tune", "--interactions", "e", "--config", "c", "--seconds", "nan"], 2),
        (["bench", "--users", "0"], 2),
        (["--help"], 0),
        (["batch", "--help"], 0),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == code


def test_a_learning_curve_leaves_out_parts_without_pairs(folder: Path) -> None:
    rows = [f"u{at},i{item},{1_700_000_000 + at + item}" for at in range(3) for item in range(2)]
    (folder / "tiny.csv").write_text("\n".join(["USER_ID,ITEM_ID,TIMESTAMP", *rows]) + "\n")
    report = folder / "tiny.html"
    asked = ["--interactions", folder / "tiny.csv", "--algorithm", "popularity", "--report", report]
    assert run("evaluate", *asked, "--learning-curve") == 0
    assert report.is_file()


def test_who_reads_only_the_beginning_gets_no_complaint(model: Path) -> None:
    command = [sys.executable, "-m", "engine", "recommend", "--model", str(model), *map(str, range(20_000))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.prove
def test_the_benchmark_runs_at_a_small_size(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bench", "--users", 200, "--items", 80, "--events", 3_000, "--only", "hybrid") == 0
    printed = capsys.readouterr().out
    assert "top-25 of all users" in printed and "single user, filters on, p99 ms" in printed
