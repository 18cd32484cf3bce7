"""When two variants of a use case count as different, and what keeps people from getting the other one."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class ComparisonThresholds:
    """Shares are 0 to 1.

    significance: p-values below it count, and only from `least_people` people on. relative_change: of a
    figure, share_change: of a share of people, above which a difference counts.
    short_share, empty_share, leaked_share: of people with a list that is shorter than what is stored, that is
    empty, or that has what they have already; above them, nobody should be given these lists.
    least_personalisation: below it, lists count as the same for all people.
    light_from, heavy_from: interactions from which on a person is light, or heavy; below, a person is new.
    """

    significance: float = 0.05
    least_people: int = 100
    relative_change: float = 0.05
    share_change: float = 0.001
    short_share: float = 0.01
    empty_share: float = 0.001
    leaked_share: float = 0.001
    least_personalisation: float = 0.05
    light_from: int = 5
    heavy_from: int = 50

    def as_json(self) -> dict[str, Any]:
        """In camel case, as the step reads them."""
        return {_camel_case(name): value for name, value in asdict(self).items()}


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)
