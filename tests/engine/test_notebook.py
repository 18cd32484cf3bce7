"""The engine's face: what a notebook does in ten lines."""

import subprocess
import sys
from pathlib import Path

import pytest

import engine

EVENTS = "USER_ID,ITEM_ID,TIMESTAMP\n" + "".join(
    f"u{number % 97},i{number * number % 509},{1_700_000_000 + number}\n" for number in range(3_000)
)


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS)
    return path


def test_a_model_is_read_trained_judged_stored_and_asked(events: Path, tmp_path: Path) -> None:
    data = engine.read(str(events))
    model = engine.train(data, "item-neighbours")
    [judged, popular] = engine.evaluate(data, "item-neighbours", "popularity")
    engine.save(model, str(tmp_path / "model.rec"))
    stored = engine.load(str(tmp_path / "model.rec"))

    [best] = engine.recommend(stored, ["u1"], 5)
    [alike] = engine.similar(stored, ["i1"], 5)

    seen = {line.split(",")[1] for line in EVENTS.splitlines() if line.startswith("u1,")}
    assert len(best.item_ids) == 5 and not seen & set(best.item_ids)
    assert best == engine.recommend(model, ["u1"], 5)[0]
    assert len(alike.item_ids) == 5 and "i1" not in alike.item_ids
    assert (judged.name, popular.name) == ("item-neighbours", "popularity")
    assert 0 < judged.metrics["ndcg@10"].mean < 1


def test_without_a_word_of_which_a_blend_is_learned(events: Path) -> None:
    model = engine.train(engine.read(events))

    assert model.calibration is not None


def test_what_was_just_touched_counts(events: Path) -> None:
    model = engine.train(engine.read(events), "item-neighbours")

    [before], [after] = (
        engine.recommend(model, ["nobody"], 5, recent=recent) for recent in (None, {"nobody": ["i1"]})
    )

    assert before.item_ids != after.item_ids


def test_errors_are_the_engine_s_and_say_what_there_is(events: Path) -> None:
    with pytest.raises(engine.EngineError, match=r"no algorithm 'best'; there are hybrid"):
        engine.train(engine.read(events), "best")


def test_the_face_names_what_it_has() -> None:
    assert set(engine.__all__) <= set(dir(engine))
    assert all(getattr(engine, name) is not None for name in engine.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        engine.nothing  # noqa: B018


def test_importing_the_face_loads_nothing_that_serving_does_not_need() -> None:
    script = "import sys, engine; engine.load, engine.Model; print({'scipy', 'implicit'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
