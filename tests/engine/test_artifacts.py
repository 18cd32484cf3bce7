"""Stored models: read back the same, or refused with a clear error; never half there.

Also those whose checksums are right and whose headers lie: they are refused by name, or as good as any.
"""

import json
import os
import struct
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.interactions import Interactions
from engine.ground.errors import ArtifactError
from engine.models import ease, ials, popularity, user_neighbours
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


_PREFIX = struct.Struct("<8sIQ32s")
_LIES: list[Any] = [
    *(None, True, -1, 0, 1, 7, 2**31, 2**62, 10**30, -(10**30), 0.5, 1e308),
    *("", "x", "<f4", "<i4", "<U9", "<U0", "O", "<f8,<i4", ">U999999999", "V8", "m8", "wrong"),
    *([], [0], [-1], [2, 2], [2**40, 2**40], [10**20], [True], ["1"], [[1]], [0] * 40),
    *({}, {"value": 1}, {"array": 0}, {"array": -1}, {"array": 10**9}, {"items": []}, {"items": None}),
    {"type": "model", "fields": {}},
    {"type": "popularity", "fields": {"shares": {"array": 0}}},
    {"type": ["model"], "fields": {}},
    {"type": "recency", "fields": {"half_life": {"value": -1.0}}},
]


def _models() -> Mapping[str, Model]:
    rng = np.random.default_rng(0)
    users, items = rng.integers(0, 12, 120), rng.integers(0, 9, 120)
    data = Interactions.from_columns([f"u{u}" for u in users], [f"i{i}" for i in items], list(range(120)))
    return {
        "ease": ease.fit(data, ease.EaseConfig(regularisation=1)),
        "ials": ials.fit(data, ials.IalsConfig()),
        "neighbours": user_neighbours.fit(data, user_neighbours.UserNeighboursConfig()),
    }


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[dict[str, Any], bytes]]:
    """Headers and arrays of models, by name."""
    found = {}
    for name, model in _models().items():
        path = tmp_path_factory.mktemp("lying") / name
        artifacts.save(model, path)
        content = path.read_bytes()
        length = _PREFIX.unpack(content[: _PREFIX.size])[2]
        end = _PREFIX.size + length
        found[name] = json.loads(content[_PREFIX.size : end]), content[-(-end // 64) * 64 :]
    return found


def _with_header(path: Path, header: Any, arrays: bytes) -> None:
    """A file whose checksums are right."""
    text = json.dumps(header).encode()
    prefix = _PREFIX.pack(b"RECMODEL", 1, len(text), sha256(text).digest()) + text
    path.write_bytes(prefix.ljust(-(-len(prefix) // 64) * 64, b"\0") + arrays)


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    """All containers and keys within JSON values."""
    keys: Any = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    for key in list(keys):
        yield node, key
        yield from _places(node[key])


def _lie(data: st.DataObject, header: dict[str, Any]) -> None:
    places = list(_places(header))
    container, key = data.draw(st.sampled_from(places))
    what = data.draw(st.sampled_from(["other", "gone", "swapped", "more"]))
    if what == "gone":
        del container[key]
    elif what == "swapped":
        other, place = data.draw(st.sampled_from(places))
        container[key] = json.loads(json.dumps(other[place]))
    elif what == "more" and isinstance(container, dict):
        container["more"] = container[key]
    else:
        container[key] = data.draw(st.sampled_from(_LIES))


def _checksums_right(header: dict[str, Any], arrays: bytes) -> None:
    """Of the arrays that the header speaks of, as far as it can be said which these are."""
    for entry in header.get("arrays") or () if isinstance(header.get("arrays"), list) else ():
        try:
            size = np.dtype(entry["dtype"]).itemsize * int(np.prod(entry["shape"]))
            entry["sha256"] = sha256(arrays[entry["offset"] : entry["offset"] + size]).hexdigest()
        except (TypeError, ValueError, KeyError, OverflowError, SyntaxError):
            continue


@given(data=st.data())
def test_a_header_that_lies_is_refused_by_name_or_makes_a_model_that_answers(
    described: Mapping[str, tuple[dict[str, Any], bytes]], data: st.DataObject
) -> None:
    header, arrays = described[data.draw(st.sampled_from(sorted(described)))]
    header = json.loads(json.dumps(header))
    _lie(data, header)
    _checksums_right(header, arrays)
    with TemporaryDirectory() as folder:
        path = Path(folder, "model")
        _with_header(path, header, arrays)
        try:
            model = artifacts.load(path)
        except ArtifactError as problem:
            assert str(path) in str(problem)
        else:
            model.recommend([*model.user_ids[:2].tolist(), "nobody"], 3)


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        (lambda header: header["arrays"][0].update(dtype="O"), "array 0 has the type 'O'"),
        (lambda header: header["arrays"][0].update(dtype="<f8"), "does not fit|is an array of float64"),
        (lambda header: header["arrays"][1].pop("shape"), "array 1 has the shape None"),
        (lambda header: header["arrays"][1].update(shape=[-3]), r"array 1 has the shape \[-3\]"),
        (lambda header: header["arrays"][1].update(shape=[2**50]), "does not fit in [0-9]+ bytes"),
        (lambda header: header["arrays"][1].update(offset=-64), "array 1 has the offset -64"),
        (lambda header: header.pop("bytes"), "does not have arrays, tree and bytes"),
        (lambda header: header.update(tree={"array": 99}), "does not know"),
        (lambda header: header["tree"]["fields"]["memory"]["fields"].pop("item_ids"), "another version"),
        (lambda header: header["tree"]["fields"].update(memory={"value": 1}), "Model.memory is a int"),
    ],
)
def test_it_is_said_what_lies(
    described: Mapping[str, tuple[dict[str, Any], bytes]],
    tmp_path: Path,
    lie: Callable[[dict[str, Any]], None],
    words: str,
) -> None:
    header, arrays = described["ease"]
    header = json.loads(json.dumps(header))
    lie(header)
    _checksums_right(header, arrays)
    _with_header(tmp_path / "model", header, arrays)
    with pytest.raises(ArtifactError, match=words):
        artifacts.load(tmp_path / "model")
