"""What is damaged on disk is made anew or named: no list and no model comes of it as if nothing were."""

import json
import shutil
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_server.data.columns import Column, Part, PartWriter
from personalize_server.facts.failures import Damaged
from tests.personalize_server.support.shop import ALIKE, PERSONAL, RANKING, Shop

Damage = Callable[[Path], None]
_PATIENCE_SECONDS = 60
_USERS = ("u1", "u2", "u17")


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _empty(path: Path) -> None:
    path.write_bytes(b"")


_DAMAGES: Mapping[str, Damage] = {"cut": _truncate, "other": _flip, "empty": _empty, "gone": Path.unlink}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Three campaigns, each of a version of its own, that have been asked."""
    open_shop = Shop(tmp_path_factory.mktemp("damage"))
    open_shop.lists = _lists(open_shop)  # type: ignore[attr-defined]
    yield open_shop
    open_shop.server.stop()


@pytest.fixture
def undamaged(shop: Shop) -> Iterator[Mapping[str, Any]]:
    """What the campaigns answer as long as nothing is damaged; afterwards nothing is any more."""
    data, saved = shop.server.data, shop.server.data.with_name("saved")
    saved.mkdir()
    for name in ("datasets", "models"):
        shutil.copytree(data / name, saved / name)
    yield shop.lists  # type: ignore[attr-defined]
    for name in ("datasets", "models"):
        shutil.copytree(saved / name, data / name, dirs_exist_ok=True)
    shutil.rmtree(saved)
    _until(lambda: _ready(shop) == (200, {"status": "ok", "server": "personalize_server"}))


def _campaigns(shop: Shop) -> Mapping[str, str]:
    return {
        PERSONAL: shop.campaign(PERSONAL, explorationWeight="0"),
        ALIKE: shop.campaign(ALIKE),
        RANKING: shop.campaign(RANKING),
    }


def _lists(shop: Shop) -> dict[str, Any]:
    return {recipe: _list(shop, recipe) for recipe in _campaigns(shop)}


def _list(shop: Shop, recipe: str) -> Any:
    """What a campaign says, or why it does not."""
    campaign, told = _campaigns(shop)[recipe], []
    for user in _USERS:
        asked: dict[str, Any] = {"campaignArn": campaign, "userId": user}
        if recipe == RANKING:
            answer = shop.world.ask("GetPersonalizedRanking", **asked, inputList=["i1", "i2", "i3", "i4"])
        else:
            answer = shop.world.ask("GetRecommendations", **asked, itemId="i1")
        content = {name: value for name, value in answer.content.items() if name != "recommendationId"}
        told.append((answer.status, content))
    return told


def _ready(shop: Shop) -> tuple[int, dict[str, Any]]:
    try:
        with urllib.request.urlopen(f"{shop.server.url}/ready", timeout=_PATIENCE_SECONDS) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as problem:
        with problem:
            return problem.code, json.loads(problem.read())


def _until(happens: Callable[[], bool]) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while not happens():
        assert time.monotonic() < until
        time.sleep(0.1)


def _settled(shop: Shop) -> tuple[int, dict[str, Any]]:
    _until(lambda: _ready(shop)[1]["status"] != "loading")
    return _ready(shop)


def _restarted(shop: Shop, damage: Callable[[], None]) -> None:
    shop.server.stop()
    damage()
    shop.server.start()


@pytest.mark.parametrize(
    "damages",
    [
        (("window_items.npy", _flip), ("image.json", Path.unlink), ("image.sums.json", _empty)),
        *(
            pytest.param(tuple((file, damage) for file in files), marks=pytest.mark.prove)
            for damage in _DAMAGES.values()
            for files in (
                ("user_ids.npy", "items/columns.json", "image.sums.json"),
                ("image.json", "history_items.npy", "trained.npy"),
            )
        ),
    ],
)
def test_images_are_made_anew_whatever_has_happened_to_them(
    shop: Shop, undamaged: Mapping[str, Any], damages: Sequence[tuple[str, Damage]]
) -> None:
    images = [path.parent for path in (shop.server.data / "serving").glob("*/image.sums.json")]
    assert len(images) == 3

    def damage() -> None:
        for image, (file, damaged) in zip(images, damages, strict=True):
            damaged(image / file)

    _restarted(shop, damage)
    assert _lists(shop) == undamaged
    assert _settled(shop)[1]["status"] == "ok"


def test_a_campaign_whose_model_is_damaged_says_so_until_it_is_put_back(
    shop: Shop, undamaged: Mapping[str, Any]
) -> None:
    models = {
        recipe: shop.server.data / "models" / _model(shop, recipe) / "model" for recipe in (PERSONAL, ALIKE)
    }

    def damage() -> None:
        _flip(models[PERSONAL])
        models[ALIKE].unlink()

    saved = {path: path.read_bytes() for path in models.values()}
    _restarted(shop, damage)
    lists = _lists(shop)
    assert lists[RANKING] == undamaged[RANKING]
    for recipe, what in ((PERSONAL, "does not match its checksum"), (ALIKE, "No such file or directory")):
        for status, content in lists[recipe]:
            assert status == 503 and what in content["message"], content
            assert f"models/{models[recipe].parent.name} is damaged" in content["message"]
            assert "Restore it from a backup, or train again." in content["message"]
    status, told = _settled(shop)
    assert (status, told["status"]) == (200, "degraded")
    silent = {entry["arn"]: entry["reason"] for entry in told["cannotAnswer"]}
    assert silent.keys() == {_campaigns(shop)[PERSONAL], _campaigns(shop)[ALIKE]}
    with urllib.request.urlopen(f"{shop.server.url}/metrics", timeout=_PATIENCE_SECONDS) as answer:
        figures = answer.read().decode()
    assert 'personalize_faults{answers="none"} 2' in figures
    assert f'personalize_fault{{arn="{_campaigns(shop)[ALIKE]}",answers="none"' in figures

    for path, content in saved.items():
        path.write_bytes(content)
    _until(lambda: _ready(shop)[1]["status"] == "ok")
    assert _lists(shop) == undamaged


@pytest.mark.prove
def test_a_server_none_of_whose_campaigns_can_answer_is_not_ready(
    shop: Shop, undamaged: Mapping[str, Any]
) -> None:
    def damage() -> None:
        for model in (shop.server.data / "models").glob("*/model"):
            _empty(model)

    _restarted(shop, damage)
    status, told = _settled(shop)
    assert (status, told["status"]) == (503, "failed")
    assert {entry["arn"] for entry in told["cannotAnswer"]} == set(_campaigns(shop).values())


@pytest.mark.parametrize("damage", _DAMAGES.values(), ids=_DAMAGES.keys())
def test_nothing_is_trained_on_damaged_data(shop: Shop, undamaged: Mapping[str, Any], damage: Damage) -> None:
    del undamaged
    parts = [path.parent for path in (shop.server.data / "datasets").glob("*/part.json")]
    [interactions] = [part for part in parts if (part / "EVENT_TYPE.bin").exists()]
    for name in ("USER_ID.values", "part.json"):
        path = interactions / name
        content = path.read_bytes()
        damage(path)
        made = shop.world.do("CreateSolutionVersion", solutionArn=shop.world.new_solution("aws-sims"))
        version = _ended(shop, made["solutionVersionArn"])
        path.write_bytes(content)
        assert version["status"] == "CREATE FAILED"
        assert f"datasets/{interactions.name} is damaged ({name}: " in version["failureReason"]
        assert "import the dataset again" in version["failureReason"]


def _ended(shop: Shop, version: str) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def over() -> bool:
        found.update(shop.world.do("DescribeSolutionVersion", solutionVersionArn=version)["solutionVersion"])
        return found["status"] in ("ACTIVE", "CREATE FAILED")

    _until(over)
    return found


def _model(shop: Shop, recipe: str) -> str:
    """The name of the folder of a version's model: versions are trained one after the other."""
    names = sorted(
        (path.name for path in (shop.server.data / "models").iterdir()),
        key=lambda name: int(name.rpartition("-")[2]),
    )
    return names[list(_campaigns(shop)).index(recipe)]


_VALUES: Mapping[str, Any] = {"ID": ["a", "b", "a"], "TEXT": ["x", "", "yz"], "NUMBER": np.arange(3)}


@given(data=st.data())
def test_no_byte_of_a_part_can_change_unnoticed(data: st.DataObject) -> None:
    with TemporaryDirectory() as scratch:
        folder = Path(scratch, "part")
        writer = PartWriter(folder, [Column("ID", "coded"), Column("TEXT", "text"), Column("NUMBER", "long")])
        writer.append(_VALUES, 3)
        writer.close()
        path = data.draw(st.sampled_from(sorted(folder.iterdir())))
        content = bytearray(path.read_bytes())
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
        with pytest.raises(Damaged, match=r"part is damaged .*backup, or import"):
            Part(folder)
