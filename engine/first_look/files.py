"""Which files of a folder hold events, items and people."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.data import arrow
from engine.ground.errors import DataError

TEXTS = (".csv", ".tsv", ".txt")
ROLES: Mapping[str, tuple[str, ...]] = {
    "interactions": (
        *("interactions", "events", "ratings", "clicks", "purchases", "orders", "transactions", "views"),
        *("visits", "plays", "reviews", "activity", "history"),
    ),
    "items": (
        *("items", "products", "articles", "programs", "posts", "movies", "books", "songs", "tracks"),
        *("videos", "catalog", "catalogue"),
    ),
    "users": ("users", "customers", "people", "persons", "members", "accounts"),
}
"""what files of each role are called"""


@dataclass(frozen=True)
class Files:
    interactions: Path
    items: Path | None = None
    users: Path | None = None


def found(place: Path, named: Mapping[str, str]) -> Files:
    """place: a folder, or the file with the events. named: files by role, relative to the folder.

    By their names, unless they are named; the only file of a folder has the events.
    Raises: DataError, for a folder or files that are not there, and if it is not clear which it is.
    """
    if place.is_file():
        named, place = {"interactions": place.name, **named}, place.parent
    elif not place.is_dir():
        raise DataError(f"there is no folder or file {place}")
    there = [path for path in sorted(place.iterdir()) if path.suffix.lower() in (*TEXTS, *arrow.SUFFIXES)]
    taken = {place / name for name in named.values()}
    problems = [f"there is no file {path}" for path in sorted(taken) if not path.is_file()]
    chosen: dict[str, Path] = {role: place / name for role, name in named.items()}
    for role, names in ROLES.items():
        fitting = [path for path in there if path.stem.lower() in names and path not in taken]
        if role in chosen or not fitting:
            continue
        if len(fitting) > 1:
            several = ", ".join(path.name for path in fitting)
            problems.append(f"{several} in {place} may all have the {role}: name one with --{role}")
        chosen[role] = fitting[0]
    if "interactions" not in chosen and len(there) == 1 and not chosen:
        chosen["interactions"] = there[0]
    if "interactions" not in chosen:
        listed = (
            ", ".join(path.name for path in there) or f"no {', '.join((*TEXTS, *sorted(arrow.SUFFIXES)))}"
        )
        problems.append(
            f"which file of {place} has who touched what and when? There is {listed}; call it "
            f"interactions.csv, or name it with --interactions"
        )
    if problems:
        raise DataError("; ".join(problems))
    return Files(**chosen)
