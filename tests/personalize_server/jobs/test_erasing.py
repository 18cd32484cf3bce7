"""Who has been deleted is in no file of the server any more when the job has ended, but for models."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.personalize_server.support.journey import ROLE
from tests.personalize_server.support.shop import PERSONAL, Shop, soon
from tests.personalize_server.support.world import fresh_name

_WHO = "somebody-to-be-forgotten"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    opened = Shop(tmp_path_factory.mktemp("erasing"), "--quota=import_interactions=1")
    yield opened
    opened.server.stop()


def _below(data: Path) -> list[Path]:
    """A look in which nothing was just being removed."""
    while True:
        with suppress(FileNotFoundError):
            return list(data.rglob("*"))


def _known_to(data: Path) -> set[str]:
    """The files that have the id, as texts or as arrays have it."""
    spellings = (_WHO.encode(), _WHO.encode("utf-32-le"))
    found = set()
    for path in _below(data):
        if path.is_file() and "models" not in path.parts:
            with suppress(FileNotFoundError):  # it is just being removed
                content = path.read_bytes()
                if any(spelling in content for spelling in spellings):
                    found.add(path.relative_to(data).as_posix())
    return found


def test_who_is_deleted_is_in_no_file_any_more(shop: Shop) -> None:
    world, data = shop.world, shop.server.data
    campaign = shop.campaign(PERSONAL, explorationWeight="0")
    header = "USER_ID,ITEM_ID,TIMESTAMP,EVENT_TYPE,EVENT_VALUE"
    shop.append("Interactions", header, f"{_WHO},i1,1700009999,view,3", "u1,i2,1700009999,view,3")
    shop.put_user(_WHO)
    shop.listed(campaign, userId=_WHO)
    soon(lambda: any(name.startswith("serving/") for name in _known_to(data)))
    assert any(name.startswith("datasets/") for name in _known_to(data))
    assert any(name.startswith("state.sqlite3") for name in _known_to(data))

    (world.objects / "forgotten.csv").write_text(f"USER_ID\n{_WHO}\n")
    made = world.do(
        "CreateDataDeletionJob",
        **{"jobName": fresh_name(), "datasetGroupArn": world.group, "roleArn": ROLE},
        dataSource={"dataLocation": world.s3("forgotten.csv")},
    )
    world.settled("DescribeDataDeletionJob", **made)
    soon(lambda: not _known_to(data))
    assert shop.listed(campaign, userId="u1")
