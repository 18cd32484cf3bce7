"""At most so many items with the same value of a column among the first ones of a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from pipeline.csv_rows import rows
from pipeline.errors import ObjectMissing
from pipeline.storage import Bucket

_SEPARATOR = "|"

Values = Mapping[str, Mapping[str, Sequence[int]]]
"""By column and item: the item's values as numbers."""


@dataclass(frozen=True, kw_only=True)
class Cap:
    """At most `most` items with one value of `column` among the first `among` of a list."""

    column: str
    most: int
    among: int


def values_of_items(bucket: Bucket, items_key: str, caps: Sequence[Cap]) -> dict[str, dict[str, list[int]]]:
    """Of the items dataset, by column and item; of several values joined with | each.

    Only values that more items have than may stand together: the others are never too many. Memory grows with
    the items. Raises: InvalidInput, if there is no such column; StorageFailed.
    """
    least = {cap.column: min(one.most for one in caps if one.column == cap.column) for cap in caps}
    columns = list(least)
    found: dict[str, dict[str, tuple[str, ...]]] = {column: {} for column in columns}
    for item, *cells in rows(bucket, items_key, ["ITEM_ID", *columns]):
        for column, cell in zip(columns, cells, strict=True):
            if values := tuple(filter(None, dict.fromkeys(cell.split(_SEPARATOR)))):
                found[column][item] = values
    return {column: _numbered(found[column], least[column]) for column in columns}


def _numbered(values: Mapping[str, Sequence[str]], most: int) -> dict[str, list[int]]:
    counts = Counter(value for of in values.values() for value in of)
    often = [value for value, count in counts.items() if count > most]
    numbers = {value: number for number, value in enumerate(often)}
    numbered = {item: [numbers[value] for value in of if value in numbers] for item, of in values.items()}
    return {item: of for item, of in numbered.items() if of}


@dataclass(frozen=True)
class Capping:
    """Caps, and the values of the items that they go by."""

    caps: Sequence[Cap]
    values: Values

    @classmethod
    def read(cls, bucket: Bucket, caps: Sequence[Cap], key: str | None) -> Capping | None:
        """None without caps. key: where the values of the run's items are.

        Raises: ObjectMissing, if they are gone; StorageFailed.
        """
        if not caps or key is None:
            return None
        values = bucket.read_json(key)
        if values is None:
            raise ObjectMissing(f"{bucket.url(key)}, what caps go by, is gone: start another run")
        return cls(caps, values)

    def best(self, candidates: Iterable[str], limit: int) -> list[str]:
        """The best of the candidates in their order, each once.

        Whatever would be one too many waits until it is not, and the next best takes its place.

        Shorter than the limit where nothing is left that may stand there: a cap never gives way.
        """
        source = iter(dict.fromkeys(candidates))
        seen = [Counter[int]() for _ in self.caps]
        waiting: list[str] = []
        kept: list[str] = []
        ends = [cap.among for cap in self.caps]
        # Until the first cap ends, what is one too many stays so.
        first_end, last_end = min(ends, default=0), max(ends, default=0)
        while len(kept) < min(limit, last_end):
            again = waiting if len(kept) >= first_end else []
            item = next((one for one in again if self._may_stand(one, len(kept), seen)), None)
            if item is not None:
                waiting.remove(item)
            else:
                for item in source:
                    if self._may_stand(item, len(kept), seen):
                        break
                    waiting.append(item)
                else:
                    return kept
            kept.append(item)
            for cap, counts in zip(self.caps, seen, strict=True):
                counts.update(self._of(cap, item))
        return [*kept, *islice(chain(waiting, source), limit - len(kept))]

    def with_tiring(self, cap: Cap, items: Iterable[str]) -> Capping:
        """And one more, of the items that are tiring for somebody."""
        return Capping([*self.caps, cap], {**self.values, cap.column: dict.fromkeys(items, (0,))})

    def _may_stand(self, item: str, place: int, seen: Sequence[Counter[int]]) -> bool:
        return not any(
            counts[value] >= cap.most
            for cap, counts in zip(self.caps, seen, strict=True)
            if place < cap.among
            for value in self._of(cap, item)
        )

    def _of(self, cap: Cap, item: str) -> Sequence[int]:
        return self.values.get(cap.column, {}).get(item, ())
