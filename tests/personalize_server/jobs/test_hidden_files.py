"""What other programs leave in a folder beside its data is passed over; a file that is named is read."""

from pathlib import Path

import pytest

from personalize_server.objects.file_objects import FileObjects
from personalize_server.objects.finding import csv_files, files_to_import
from personalize_server.objects.s3 import Absent

HIDDEN = ("_SUCCESS", "_committed_1", ".part-0.csv.crc", ".DS_Store", "._part-0.csv")


@pytest.fixture
def objects(tmp_path: Path) -> FileObjects:
    for folder, names in (("data", ("part-0.csv", "part_1.csv", *HIDDEN)), ("nothing", HIDDEN)):
        (tmp_path / "bucket" / folder).mkdir(parents=True)
        for name in names:
            (tmp_path / "bucket" / folder / name).write_text("USER_ID\nu1\n")
    return FileObjects(tmp_path)


@pytest.mark.parametrize("files_at", [files_to_import, csv_files])
def test_hidden_files_of_a_folder_are_passed_over(objects: FileObjects, files_at: type) -> None:
    found = files_at(objects, "s3://bucket/data/")
    assert [str(file.location) for file in found] == [
        "s3://bucket/data/part-0.csv",
        "s3://bucket/data/part_1.csv",
    ]


def test_a_folder_of_hidden_files_has_none(objects: FileObjects) -> None:
    with pytest.raises(Absent, match="no files"):
        files_to_import(objects, "s3://bucket/nothing/")


def test_a_file_that_is_named_is_read(objects: FileObjects) -> None:
    [found] = files_to_import(objects, "s3://bucket/data/_SUCCESS")
    assert str(found.location) == "s3://bucket/data/_SUCCESS"
