"""Stored models: read back the same, or refused with a clear error; never half there."""

import json
import os
import struct
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import numpy as np
import pytest

from engine.data.interactions import Interactions
from engine.ground.errors import ArtifactError
from engine.models import ease, popularity
from engine.serving import artifacts
from engine.serving.trained_model import Model
from tests.engine.support.trained_models import item_item, weights_of


@pytest.fixture(scope="module")
def model() -> Model:
    data = Interactions.from_columns(["ä", "ä", "b", "c"], ["x", "y", "x", "ÿ long id"], [1, 2, 3, 4])
    return ease.fit(data, ease.EaseConfig(regularisation=1))


@pytest.fixture
def stored(model: Model, tmp_path: Path) -> Path:
    path = tmp_path / "deep" / "model.rec"
    artifacts.save(model, path)
    return path


def test_a_stored_model_recommends_the_same(model: Model, stored: Path) -> None:
    again = artifacts.load(stored)
    users = ["ä", "b", "nobody"]
    assert again.recommend(users, 3) == model.recommend(users, 3)
    assert again.similar_items(["x"], 2) == model.similar_items(["x"], 2)
    assert item_item(again).recency == item_item(model).recency


def test_a_loaded_model_is_mapped_read_only(stored: Path) -> None:
    weights = weights_of(artifacts.load(stored))
    assert not weights.flags.writeable
    assert not weights.flags.owndata


def test_saving_again_replaces_the_file_whole_and_leaves_readers_their_old_one(
    model: Model, stored: Path
) -> None:
    old = artifacts.load(stored)
    before = old.recommend(["ä"], 3)
    data = Interactions.from_columns(["z"], ["only"], [1])
    artifacts.save(popularity.fit(data, popularity.PopularityConfig()), stored)
    assert artifacts.load(stored).item_ids.tolist() == ["only"]
    assert old.recommend(["ä"], 3) == before
    assert [file.name for file in stored.parent.iterdir()] == ["model.rec"]


def test_a_failed_save_leaves_the_old_file_and_nothing_else(
    model: Model, stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> NoReturn:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        artifacts.save(model, stored)
    assert [file.name for file in stored.parent.iterdir()] == ["model.rec"]
    artifacts.load(stored)


@pytest.mark.parametrize("cut", [0, 5, 40, 200, -1])
def test_a_torn_file_is_refused(stored: Path, cut: int) -> None:
    stored.write_bytes(stored.read_bytes()[:cut])
    with pytest.raises(ArtifactError, match=r"torn|damaged|not a stored model"):
        artifacts.load(stored)


@pytest.mark.parametrize("place", ["header", "ids", "weights"])
def test_a_flipped_bit_is_noticed(model: Model, stored: Path, place: str) -> None:
    content = bytearray(stored.read_bytes())
    parts = {"ids": model.item_ids.tobytes(), "weights": weights_of(model).tobytes()}
    content[60 if place == "header" else content.index(parts[place])] ^= 1
    stored.write_bytes(content)
    with pytest.raises(ArtifactError, match="damaged"):
        artifacts.load(stored)


@pytest.mark.parametrize("byte", range(12, 20))
def test_a_header_that_claims_to_be_longer_than_the_file_is_refused(stored: Path, byte: int) -> None:
    content = bytearray(stored.read_bytes())
    content[byte] ^= 0x40
    stored.write_bytes(content)
    with pytest.raises(ArtifactError, match="damaged"):
        artifacts.load(stored)


def test_a_foreign_file_and_another_format_are_refused(stored: Path) -> None:
    content = stored.read_bytes()
    stored.write_bytes(content[:8] + struct.pack("<I", 99) + content[12:])
    with pytest.raises(ArtifactError, match="format 99"):
        artifacts.load(stored)
    stored.write_bytes(b"PK\x03\x04" + content)
    with pytest.raises(ArtifactError, match="not a stored model"):
        artifacts.load(stored)


def test_a_file_cannot_make_the_engine_build_anything_it_does_not_know(stored: Path) -> None:
    header = json.dumps(
        {"arrays": [], "bytes": 0, "tree": {"type": "os:system", "fields": {"command": {"value": "true"}}}}
    ).encode()
    prefix = struct.pack("<8sIQ32s", b"RECMODEL", 1, len(header), sha256(header).digest())
    stored.write_bytes((prefix + header).ljust(-(-len(prefix + header) // 64) * 64, b"\0"))
    with pytest.raises(ArtifactError, match="does not know"):
        artifacts.load(stored)


def test_what_cannot_be_stored_is_refused_before_anything_is_written(model: Model, tmp_path: Path) -> None:
    from dataclasses import replace

    odd = replace(item_item(model), weights=np.array([object()]))
    with pytest.raises(ArtifactError, match="cannot be stored"):
        artifacts.save(replace(model, scorer=odd), tmp_path / "model.rec")
    assert list(tmp_path.iterdir()) == []
