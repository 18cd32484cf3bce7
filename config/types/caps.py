"""How often one value of a column may come among the first items of a list."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Cap:
    """At most `most` items with the same value of `column`, of the items dataset, among the first `among`.

    Of several values joined with `|` each counts; an item without a value is not capped.
    """

    column: str
    most: int
    among: int = 10

    def as_json(self) -> dict[str, str | int]:
        return {"column": self.column, "most": self.most, "among": self.among}
