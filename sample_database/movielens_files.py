"""Reads MovieLens 100K in the format of its files: tab-separated, one header line, no quoting."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trial_data.arrays import Ints


@dataclass(frozen=True)
class Film:
    id: int
    title: str
    genres: tuple[str, ...]


@dataclass(frozen=True)
class Viewer:
    id: int
    age: int
    gender: str


@dataclass(frozen=True)
class MovieLens:
    """Ratings as parallel arrays: viewer and film ids, stars 1 to 5, time in epoch seconds."""

    viewers: tuple[Viewer, ...]
    films: tuple[Film, ...]
    viewer_ids: Ints
    film_ids: Ints
    stars: Ints
    times: Ints


def read(folder: Path) -> MovieLens:
    ratings = np.loadtxt(folder / "ml-100k.inter", skiprows=1, dtype=np.float64, delimiter="\t", ndmin=2)
    viewer_ids, film_ids, stars, times = (column.astype(np.int64) for column in ratings.T)
    viewers = tuple(
        Viewer(int(id_), int(age), {"F": "female", "M": "male"}.get(gender, "other"))
        for id_, age, gender, *_ in _lines(folder / "ml-100k.user")
    )
    films = tuple(
        Film(int(id_), _title(title, year), tuple(genre for genre in genres.split() if genre != "unknown"))
        for id_, title, year, genres in _lines(folder / "ml-100k.item")
    )
    return MovieLens(
        tuple(sorted(viewers, key=lambda viewer: viewer.id)),
        tuple(sorted(films, key=lambda film: film.id)),
        viewer_ids,
        film_ids,
        stars,
        times,
    )


def _lines(path: Path) -> list[list[str]]:
    _, *lines = path.read_text(encoding="utf-8").splitlines()
    return [line.split("\t") for line in lines]


def _title(title: str, year: str) -> str:
    return f"{title} ({year})" if year.isdecimal() and len(year) == 4 else title
