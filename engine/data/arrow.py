"""Parquet and Arrow files as columns of numpy: the one place that knows pyarrow."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.cells import Cells
from engine.data.findings import Findings
from engine.data.metadata import SEPARATOR
from engine.data.numerals import TIMES, Doubles, note_implausible, seconds_of
from engine.data.table import Table, Values
from engine.ground.errors import DataError

SUFFIXES = {".parquet", ".arrow", ".feather"}


def read(path: Path, required: Sequence[str], wanted: Sequence[str] | None, *, now: float) -> Table:
    """Numbers as numbers, moments as seconds since 1970, all else as text; as csv_table.read.

    A list becomes its values with | between them. A missing value is NaN in a column of floats or moments
    and an empty text elsewhere. Raises: DataError, without pyarrow, for what is no such file or text that is
    no UTF-8, and for a required column that is not there or any that is there twice.
    """
    try:
        import pyarrow
        from pyarrow import feather, parquet
    except ModuleNotFoundError:
        raise DataError(f"{path}: reading {path.suffix} needs the package pyarrow (extra `arrow`)") from None
    reader = parquet.read_table if path.suffix.lower() == ".parquet" else feather.read_table
    try:
        table = reader(path)
        names = [str(name).upper() for name in table.column_names]
        _check_names(path, names, required)
        columns = {
            name: _column(table.column(at))
            for at, name in enumerate(names)
            if wanted is None or name in {*required, *wanted}
        }
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as problem:
        raise DataError(f"{path}: not readable as {path.suffix}: {problem}") from None
    findings = Findings(path, lambda row: f"row {row + 1}")
    for name, column in columns.items():
        if name in TIMES:
            columns[name] = _times(column, name, findings, now)
        elif isinstance(column, Cells):
            _note_nul(column, name, findings)
    return Table(columns, table.num_rows, findings)


def _check_names(path: Path, names: Sequence[str], required: Sequence[str]) -> None:
    if missing := [name for name in required if name not in names]:
        raise DataError(f"{path}: no column {', '.join(missing)}; it has {', '.join(names) or 'none'}")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{path}: the column {', '.join(twice)} is there more than once")


def _column(column: Any) -> Values:
    import pyarrow as pa
    from pyarrow import compute

    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        seconds = column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
        return np.asarray(seconds.cast(pa.float64(), safe=False).to_numpy())
    if pa.types.is_floating(kind) or (pa.types.is_integer(kind) and not column.null_count):
        return np.asarray(column.to_numpy())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        rows = (
            None if row is None else SEPARATOR.join(str(one) for one in row if one is not None)
            for row in column.to_pylist()
        )
        column = pa.chunked_array([pa.array(rows, pa.large_string())])
    texts = compute.fill_null(column.cast(pa.large_string()), "").combine_chunks().dictionary_encode()
    return Cells(texts.dictionary.to_pylist(), texts.indices.to_numpy().astype(np.int32))


def _times(column: Values, name: str, findings: Findings, now: float) -> Doubles:
    if isinstance(column, Cells):
        return seconds_of([column[row] for row in range(len(column))], name, 0, findings, now)
    seconds = column.astype(np.float64)
    note_implausible(seconds, name, findings, now, lambda row: column[row].item())
    return seconds


def _note_nul(column: Cells, name: str, findings: Findings) -> None:
    wrong = [code for code, value in enumerate(column.values) if "\0" in value]
    if wrong:
        rows = np.flatnonzero(np.isin(column.codes, wrong)).tolist()
        findings.add(f"a NUL character in {name}", rows, lambda row: column[row])
