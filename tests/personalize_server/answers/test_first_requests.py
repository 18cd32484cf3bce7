"""The first request to a campaign is answered however often data is imported meanwhile."""

import fcntl
import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from personalize_server.disk.leases import held, remove
from tests.personalize_server.support.shop import ALIKE, PERSONAL, Shop, names, soon


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    opened = Shop(tmp_path_factory.mktemp("first"), "--quota=import_interactions=1")
    yield opened
    opened.server.stop()


@contextmanager
def _no_image_is_made(shop: Shop) -> Iterator[None]:
    serving = shop.server.data / "serving"
    serving.mkdir(exist_ok=True)
    with (serving / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_what_there_was_before_an_import_answers_until_there_is_an_image_of_it(shop: Shop) -> None:
    campaign = shop.campaign(PERSONAL, explorationWeight="0")
    before = names(shop.listed(campaign, userId="u1"))
    shop.server.stop()
    shop.server.start()
    with _no_image_is_made(shop):
        shop.append(
            "Interactions", "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE", "u1,i79,1700009999,view,3"
        )
        assert names(shop.listed(campaign, userId="u1")) == before
        shop.server.stop()
        shop.server.start()
        assert names(shop.listed(campaign, userId="u1")) == before, "of a server that has just begun, too"
        images = list((shop.server.data / "serving").glob("*/image.sums.json"))
    soon(lambda: len(list((shop.server.data / "serving").glob("*/image.sums.json"))) > len(images))


def test_data_that_is_replaced_stays_until_it_has_been_read(shop: Shop) -> None:
    world = shop.world
    campaign = shop.campaign(ALIKE)
    log = shop.server.data.parent / "log"
    shop.server.stop()
    for image in (shop.server.data / "serving").glob("*/image.sums.json"):
        shutil.rmtree(image.parent)
    with log.open("w") as written, ThreadPoolExecutor(1) as pool:
        with _no_image_is_made(shop):
            shop.server.start(written)
            first = pool.submit(shop.listed, campaign, itemId="i1")
            soon(lambda: bool(list((shop.server.data / "leases").glob("*.lease"))))
            parts = {part.name for part in (shop.server.data / "datasets").iterdir()}
            world.new_import(world.datasets["Interactions"], "Interactions")
            assert parts < {part.name for part in (shop.server.data / "datasets").iterdir()}
        assert first.result()
        shop.server.stop()
        shop.server.start(written)
    assert "Traceback" not in log.read_text()
    remaining = {part.name for part in (shop.server.data / "datasets").iterdir()}
    assert not parts <= remaining, "what has been read is removed"


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "file").write_text("content")
    return path


def test_what_is_held_is_removed_when_nobody_holds_it_any_more(tmp_path: Path) -> None:
    leases, trash = tmp_path / "leases", tmp_path / "trash"
    first, second, third = (_folder(tmp_path / "data" / name) for name in ("first", "second", "third"))
    with held(leases, [first, second]):
        with held(leases, [first]):
            remove(leases, [first, second, third], trash)
            assert first.exists() and second.exists() and not third.exists()
        remove(leases, [first, second], trash)
        assert first.exists()
    remove(leases, [first, second], trash)
    assert not first.exists() and not second.exists()
    assert list(trash.iterdir()) == [] and list(leases.glob("*.lease")) == []


def test_what_a_process_that_died_has_held_is_not_held(tmp_path: Path) -> None:
    leases, left = tmp_path / "leases", _folder(tmp_path / "data" / "left")
    leases.mkdir()
    (leases / "of-the-dead.lease").write_text(json.dumps([str(left)]))
    remove(leases, [left], tmp_path / "trash")
    assert not left.exists()
    assert list(leases.glob("*.lease")) == []
