"""A dataset that somebody has put into the data bucket as a Parquet file."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipeline.columns import Column
from pipeline.errors import FileMissing, FileUnreadable, ObjectMissing, StorageFailed
from pipeline.extract.schema import DatasetSchema
from pipeline.extract.source import Sink
from pipeline.storage import storage_errors
from pipeline.uploads.files import Files

_BLOCK_BYTES = 512 << 10
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "800MB",
    "threads": "2",
}
_WHOLE = ("int", "long")
_MOMENTS = ("DATE", "TIMESTAMP")
_NUMBERS = ("FLOAT", "DOUBLE")
_NO_TEXT = ("BLOB", "STRUCT", "MAP", "UNION")


@dataclass(frozen=True)
class ParquetFile:
    """Its columns are found by their names, in any order; others are passed over. It is copied to the disk of
    the function, then made the CSV that a query would answer with: lists joined with `|`, dates and times as
    seconds since 1970 where the dataset has a number, whole numbers without a fraction, NaN as nothing.

    Of what was put into this region's bucket and of what was put into another one's, and copied, the newer
    one counts.
    """

    bucket: Files
    key: str

    @property
    def described(self) -> dict[str, str]:
        return {"file": self.key}

    async def stream(self, schema: DatasetSchema, sink: Sink, *, seconds: float) -> None:
        """Raises: FileMissing, with the place and the columns, if it is not there; StorageFailed, also if the
        time is up or the disk is full; FileUnreadable, if it is no Parquet, or has a column that is no text,
        number, time or list; whatever the sink raises.
        """
        url = self.bucket.url(self.key)
        timeout = asyncio.timeout(seconds)
        with tempfile.TemporaryDirectory() as folder, duckdb.connect(config=_SETTINGS) as database:
            try:
                async with timeout:
                    copied, made = Path(folder) / "dataset.parquet", Path(folder) / "dataset.csv"
                    await asyncio.to_thread(self._copy, copied, schema, url)
                    names = await asyncio.to_thread(_convert, database, schema, copied, made, url)
                    copied.unlink()
                    await sink(bytearray(",".join(names).encode() + b"\n"))
                    with made.open("rb") as text:
                        while block := text.read(_BLOCK_BYTES):
                            await sink(bytearray(block))
            except TimeoutError as error:
                database.interrupt()
                if not timeout.expired():
                    raise
                raise StorageFailed(f"reading {url}: not done after {seconds:.0f} s") from error
            except OSError as error:
                raise StorageFailed(f"reading {url}: {error.strerror or error}") from error

    def _copy(self, target: Path, schema: DatasetSchema, url: str) -> None:
        try:
            body = self.bucket.open_newest(self.key)
        except ObjectMissing as error:
            raise FileMissing(
                f"there is no {url}: put the {schema.dataset} there, as Parquet with the columns "
                f"{', '.join(schema.names)}"
            ) from error
        with body, target.open("wb") as file, storage_errors(f"reading {url}"):
            shutil.copyfileobj(body, file, _BLOCK_BYTES)


def _convert(
    database: duckdb.DuckDBPyConnection, schema: DatasetSchema, source: Path, target: Path, url: str
) -> Sequence[str]:
    """The rows as CSV; answers with the names of its columns: those of the file, without any row, if some are
    missing, for whoever checks the header to say which. Raises: StorageFailed, FileUnreadable.
    """
    try:
        described = database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(source)]).fetchall()
        types: dict[str, str] = {name: kind for name, kind, *_ in described}
        if set(schema.names) - set(types):
            target.touch()
            return list(types)
        _check_types(schema, types, url)
        columns = ", ".join(
            f"{_expression(column, types)} AS {_quoted(column.name)}" for column in schema.columns
        )
        quoted = ", ".join(map(_quoted, schema.free_text))
        options = [
            "FORMAT csv",
            "HEADER false",
            "ESCAPE '\\'",
            *([f"FORCE_QUOTE ({quoted})"] if quoted else []),
        ]
        database.execute(
            f"COPY (SELECT {columns} FROM read_parquet('{source}')) TO '{target}' ({', '.join(options)})"
        )
        return schema.names
    except duckdb.IOException as error:
        raise StorageFailed(f"reading {url}: {_first_line(error)}") from error
    except duckdb.Error as error:
        raise FileUnreadable(f"{url} cannot be read as Parquet: {_first_line(error)}") from error


def _check_types(schema: DatasetSchema, types: Mapping[str, str], url: str) -> None:
    """Raises: FileUnreadable, with all columns that cannot become text."""
    strange = [f"{name} is {types[name]}" for name in schema.names if types[name].startswith(_NO_TEXT)]
    if strange:
        raise FileUnreadable(f"{url}: {', '.join(strange)}; write texts, numbers, times, or lists of texts")


def _expression(column: Column, types: Mapping[str, str]) -> str:
    name, kind = _quoted(column.name), types[column.name]
    if kind.endswith("[]"):
        return f"array_to_string({name}, '|')"
    if column.type in _WHOLE:
        if kind.startswith(_MOMENTS):
            return f"CAST(floor(epoch({name})) AS BIGINT)"
        if kind in _NUMBERS:  # what pandas makes of whole numbers where some are missing
            whole = f"CAST(CAST({name} AS BIGINT) AS VARCHAR)"
            return (
                f"CASE WHEN isnan({name}) THEN NULL WHEN {name} = floor({name}) AND abs({name}) < 9e18 "
                f"THEN {whole} ELSE CAST({name} AS VARCHAR) END"
            )
    if kind in _NUMBERS:
        return f"CASE WHEN isnan({name}) THEN NULL ELSE CAST({name} AS VARCHAR) END"
    return f"CAST({name} AS VARCHAR)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
