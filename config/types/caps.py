"""What may not fill the beginning of a list: one value of a column, what somebody was shown often enough."""

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


@dataclass(frozen=True, kw_only=True)
class Fatigue:
    """What somebody was shown and did nothing with comes later: not the same list every day.

    An item is tiring for a person who was shown it on `shown_days` or more of the last `days`, by posted
    impressions, and did nothing with it. Of the first `among` of a list `most` are, unless nothing else was
    recommended.
    """

    shown_days: int = 3
    days: int = 7
    most: int = 3
    among: int = 10

    def as_json(self) -> dict[str, int]:
        return {"shownDays": self.shown_days, "days": self.days, "most": self.most, "among": self.among}
