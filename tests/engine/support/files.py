"""Files of odd cells."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

NOW = 1_700_000_000


def clock() -> float:
    return NOW


def written(path: Path, columns: Mapping[str, Sequence[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(
            file, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\", lineterminator="\n"
        )
        writer.writerows([columns, *zip(*columns.values(), strict=True)])
    return path
