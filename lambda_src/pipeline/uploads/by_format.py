"""Which reader a file needs, by the ending of its name."""

from __future__ import annotations

from pipeline.extract.source import Source
from pipeline.uploads.files import Files
from pipeline.uploads.uploaded import UploadedFile


def source_of(bucket: Files, key: str) -> Source:
    """Of Parquet where the key ends in it, else of CSV."""
    if key.endswith(".parquet"):
        from pipeline.uploads.parquet import ParquetFile  # needs a layer that few stages have

        return ParquetFile(bucket, key)
    return UploadedFile(bucket, key)
