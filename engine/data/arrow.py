"""Parquet and Arrow files as columns of numpy: the one place that knows pyarrow."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.metadata import SEPARATOR
from engine.ground.errors import DataError

SUFFIXES = {".parquet", ".arrow", ".feather"}


def read(path: Path) -> dict[str, NDArray[Any]]:
    """Columns by upper-case name: numbers as numbers, moments as epoch seconds, all else as text.

    A list becomes its values with | between them. A missing value is NaN in a column of floats or moments
    and an empty text elsewhere. Raises: DataError, without pyarrow and for what is no such file.
    """
    try:
        import pyarrow
        from pyarrow import feather, parquet
    except ModuleNotFoundError:
        raise DataError(f"{path}: reading {path.suffix} needs the package pyarrow (extra `arrow`)") from None
    reader = parquet.read_table if path.suffix.lower() == ".parquet" else feather.read_table
    try:
        table = reader(path)
        return {name.upper(): _column(table.column(name)) for name in table.column_names}
    except (pyarrow.ArrowException, OSError) as problem:
        raise DataError(f"{path}: not readable as {path.suffix}: {problem}") from None


def _column(column: Any) -> NDArray[Any]:
    import pyarrow as pa
    from pyarrow import compute

    kind = column.type
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        seconds = column.cast(pa.timestamp("s"), safe=False).cast(pa.int64())
        return np.asarray(seconds.cast(pa.float64()).to_numpy())
    if pa.types.is_floating(kind) or (pa.types.is_integer(kind) and not column.null_count):
        return np.asarray(column.to_numpy())
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        rows = (
            None if row is None else SEPARATOR.join(str(one) for one in row if one is not None)
            for row in column.to_pylist()
        )
        column = pa.chunked_array([pa.array(rows, pa.string())])
    texts = compute.fill_null(column.cast(pa.string()), "").combine_chunks().dictionary_encode()
    distinct = np.asarray(texts.dictionary.to_pylist() or [""], np.str_)
    cells: NDArray[np.str_] = distinct[texts.indices.to_numpy()]
    return cells
