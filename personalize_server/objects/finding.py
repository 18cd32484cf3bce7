"""The files that jobs read: which there are at a place, and what is in them."""

from collections.abc import Iterable, Iterator, Sequence

from personalize_server.facts.failures import JobFailed
from personalize_server.objects.locations import parse_location
from personalize_server.objects.s3 import Absent, Found, Objects


def files_to_import(objects: Objects, path: str) -> list[Found]:
    """One file, or those on the first level of a folder.

    Raises: JobFailed, if there is none; Absent, if the path is an address all the same.
    """
    location = parse_location(path)
    if location is None:
        raise JobFailed("Invalid Data location.")
    if location.is_folder:
        files = _visible(objects.below(location, deep=False))
        if not files:
            raise Absent(f"Invalid Data location. There are no files in {location}.")
        return files
    found = objects.find(location)
    if found is None:
        raise Absent(f"Invalid Data location. There is no {location}.")
    return [found]


def csv_files(objects: Objects, path: str) -> list[Found]:
    """One file, or those below a folder whose names end with `.csv`. Raises: JobFailed, if there is none."""
    location = parse_location(path)
    if location is None:
        raise JobFailed("Invalid Data location.")
    if location.is_folder:
        files = [found for found in _visible(objects.below(location)) if found.location.key.endswith(".csv")]
    else:
        files = [found for found in [objects.find(location)] if found]
    if not files:
        raise JobFailed(f"Invalid Data location. There are no CSV files at {location}.")
    return files


def _visible(files: Sequence[Found]) -> list[Found]:
    """Without what Spark and others leave beside their files: _SUCCESS, .part-0.csv.crc, .DS_Store."""
    return [found for found in files if found.location.key.rpartition("/")[2][:1] not in ("_", ".")]


def contents(objects: Objects, files: Sequence[Found]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The address of each file and its bytes in blocks."""
    for found in files:
        yield str(found.location), objects.blocks(found.location)
