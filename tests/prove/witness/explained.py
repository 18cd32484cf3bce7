"""The list of known differences between the local cloud and MiniStack: differences.toml."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal

from tests.prove.witness.looking import Difference

LIST = Path(__file__).with_name("differences.toml")


@dataclass(frozen=True)
class Explanation:
    """`whose`: who does otherwise than AWS documents. `types`, `properties`: patterns as of a shell."""

    types: tuple[str, ...]
    properties: tuple[str, ...]
    whose: Literal["ours", "MiniStack", "neither"]
    reason: str
    source: str

    def covers(self, difference: Difference) -> bool:
        # A list in a path is written [], which a shell's pattern reads as a set.
        path = difference.property.replace("[]", "")
        return any(fnmatchcase(difference.type, each) for each in self.types) and any(
            fnmatchcase(path, each) for each in self.properties
        )


def explanations(path: Path = LIST) -> tuple[Explanation, ...]:
    """Raises: ValueError, if an entry says not whose it is, why, or where one can read it."""
    found = []
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["difference"]:
        explanation = Explanation(
            tuple(entry["types"]),
            tuple(entry["properties"]),
            entry["whose"],
            entry["reason"],
            entry["source"],
        )
        if explanation.whose not in ("ours", "MiniStack", "neither") or not (
            explanation.reason and explanation.source
        ):
            raise ValueError(f"an entry for {entry['types']} lacks whose it is, its reason or its source")
        found.append(explanation)
    return tuple(found)


def unexplained(differences: Iterable[Difference], known: Sequence[Explanation]) -> list[Difference]:
    return [each for each in differences if not any(explanation.covers(each) for explanation in known)]


def no_longer_seen(differences: Sequence[Difference], known: Sequence[Explanation]) -> list[Explanation]:
    """Entries that explain nothing."""
    return [each for each in known if not any(map(each.covers, differences))]
