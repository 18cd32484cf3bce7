"""Configuration files that somebody wrote by hand, not quite right."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.fitting import configs
from engine.fitting.hybrid import HybridConfig
from engine.ground.errors import ConfigError


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"kind": "ease", "strength": "abc"}, "strength must be a finite number, got 'abc'"),
        ({"kind": "ease", "dropout": True}, "dropout must be a finite number"),
        ({"kind": ["x"]}, r"no kind \['x'\]"),
        ({"kind": "svd", "factors": 2.5}, "factors must be a whole number, got 2.5"),
        ({"kind": "svd", "factors": None}, "factors must be a whole number, got None"),
        ({"kind": "hybrid", "weights": ["a"]}, "weights must be a list of"),
        ({"kind": "hybrid", "members": "ease"}, "members must be a list of"),
        ({"kind": "hybrid", "members": [1]}, "members must be a list of"),
        ({"kind": "hybrid", "calibration": [1]}, "calibration must be"),
        ({"kind": "hybrid", "validation": "someday"}, "validation must be one of user-time"),
        ({"kind": "hybrid", "half_lives": []}, "at least one half-life"),
        ({"kind": "hybrid", "validation_users": 0}, "one user to validate on"),
        (
            {"kind": "ease", "recency": {"kind": "recency", "half_life": float("inf")}},
            "half_life must be a finite",
        ),
        ({"kind": "ease", "strength": "x", "dropout": "y"}, "strength must .*; dropout must"),
        ({"kind": "context", "column": "DEVICE"}, "context: .*missing"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_a_setting_of_the_wrong_kind_is_named_with_what_it_must_be(
    tmp_path: Path, content: dict[str, Any], message: str
) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(content))
    with pytest.raises(ConfigError, match=message) as problem:
        configs.load(path)
    assert str(path) in str(problem.value) or "at least one" in str(problem.value)


def test_every_default_is_what_its_own_types_say(tmp_path: Path) -> None:
    configs.save(HybridConfig(), tmp_path / "default.json")
    assert configs.load(tmp_path / "default.json") == HybridConfig()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "not JSON"),
        ('{"kind": "magic"}', "no kind 'magic'"),
        ('{"kind": "ease", "lambda": 3}', "no setting lambda"),
        ('{"kind": "recency"}', "does not describe an algorithm"),
        ('{"kind": "ease", "regularisation": -1}', "must be positive"),
    ],
)
def test_a_configuration_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "chosen.json").write_text(text)
    with pytest.raises(ConfigError, match=message):
        configs.load(tmp_path / "chosen.json")
