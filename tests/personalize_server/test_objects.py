"""Jobs that read and write below a folder, and nowhere else."""

import os
from pathlib import Path

import pytest

from personalize_server.facts.failures import JobFailed
from personalize_server.objects.file_objects import FileObjects
from personalize_server.objects.locations import Location
from personalize_server.objects.s3 import Absent

BUCKET = "bucket"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """With a secret beside it."""
    (tmp_path / "secret.csv").write_text("secret")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.csv").write_text("secret")
    (tmp_path / "root" / BUCKET / "deep").mkdir(parents=True)
    (tmp_path / "root" / BUCKET / "a.csv").write_text("a")
    (tmp_path / "root" / BUCKET / "ab.csv").write_text("ab")
    (tmp_path / "root" / BUCKET / "deep" / "b.csv").write_text("bb")
    return tmp_path / "root"


@pytest.fixture
def objects(root: Path) -> FileObjects:
    return FileObjects(root)


def keys(objects: FileObjects, key: str, *, deep: bool = True) -> list[tuple[str, int]]:
    return [(found.location.key, found.size) for found in objects.below(Location(BUCKET, key), deep=deep)]


def test_files_are_found_by_prefix_as_objects_are(objects: FileObjects) -> None:
    assert keys(objects, "") == [("a.csv", 1), ("ab.csv", 2), ("deep/b.csv", 2)]
    assert keys(objects, "", deep=False) == [("a.csv", 1), ("ab.csv", 2)]
    assert keys(objects, "a") == [("a.csv", 1), ("ab.csv", 2)]
    assert keys(objects, "de") == keys(objects, "deep/") == [("deep/b.csv", 2)]
    assert keys(objects, "none/") == []
    with pytest.raises(Absent, match="s3://none/"):
        objects.below(Location("none", ""))


def test_a_file_is_read_and_written_whole(objects: FileObjects, root: Path, tmp_path: Path) -> None:
    objects.put(Location(BUCKET, "new/folder/c.csv"), b"c" * 3_000_000)
    assert b"".join(objects.blocks(Location(BUCKET, "new/folder/c.csv"))) == b"c" * 3_000_000
    objects.upload(tmp_path / "secret.csv", Location(BUCKET, "a.csv"))
    assert (root / BUCKET / "a.csv").read_text() == "secret"
    assert not list((root / ".incoming").iterdir())
    found = objects.find(Location(BUCKET, "a.csv"))
    assert found and found.size == 6
    assert objects.find(Location(BUCKET, "deep")) is None, "a folder is no object"
    with pytest.raises(Absent):
        objects.put(Location("no-bucket", "x"), b"")


@pytest.mark.parametrize(
    "key",
    [
        *("../../secret.csv", "deep/../../../secret.csv", "/etc/passwd", "..", ".", "deep//b.csv", ""),
        *("./a.csv", "deep/..", "a\0.csv", "link.csv", "link/secret.csv", "folder/secret.csv", "fifo"),
    ],
)
def test_nothing_outside_the_root_is_read_written_or_listed(
    objects: FileObjects, root: Path, tmp_path: Path, key: str
) -> None:
    bucket = root / BUCKET
    (bucket / "link.csv").symlink_to(tmp_path / "secret.csv")
    (bucket / "link").symlink_to(tmp_path / "outside")
    (bucket / "folder").symlink_to("../../outside")
    os.mkfifo(bucket / "fifo")
    location = Location(BUCKET, key)
    with pytest.raises(JobFailed):
        b"".join(objects.blocks(location))
    before = sorted(tmp_path.rglob("*"))
    if key not in ("link.csv", "fifo"):  # a link's own name is inside: it is replaced, not followed
        with pytest.raises(JobFailed):
            objects.put(location, b"overwritten")
        assert sorted(tmp_path.rglob("*")) == before
    else:
        objects.put(location, b"new")
    assert (tmp_path / "secret.csv").read_text() == "secret"
    assert (tmp_path / "outside" / "secret.csv").read_text() == "secret"
    assert not [found for found, _ in keys(objects, "") if found.startswith(("link/", "folder/"))]
