"""Files of datasets on this machine, before they are put into the data bucket."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from config.schema import FileFormat
from pipeline.errors import InvalidInput, ObjectMissing, StorageFailed
from pipeline.extract.source import Source
from pipeline.uploads.by_format import source_of


@dataclass(frozen=True)
class Folder:
    """Stands for the bucket: what lies here is what is put below `uploads/` there."""

    path: Path

    def url(self, key: str) -> str:
        return str(self.path / key)

    def open_newest(self, key: str) -> BinaryIO:
        """Raises: ObjectMissing, if there is no such file; StorageFailed, if it cannot be read."""
        try:
            return (self.path / key).open("rb")
        except FileNotFoundError as error:
            raise ObjectMissing(f"reading {self.url(key)}: there is none") from error
        except OSError as error:
            raise StorageFailed(f"reading {self.url(key)}: {error.strerror or error}") from error


def source_in(folder: Path, use_case: str, dataset: str, ending: FileFormat) -> Source:
    """Raises: InvalidInput, if Parquet cannot be read with what is installed."""
    try:
        return source_of(Folder(folder), f"{use_case}/{dataset}.{ending}")
    except ModuleNotFoundError as error:
        raise InvalidInput(
            f"Parquet needs {error.name}, which is not installed: pip install duckdb"
        ) from None
