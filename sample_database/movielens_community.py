"""The demo's community: MovieLens people and ratings, and a generated fitness life around them.

Real: a person's id, age, gender; films (as posts, genres as topics); ratings and their times (as post
events). Generated with a fixed seed: names, countries, strength categories, the time of joining, contacts,
programs, program events, follows, profile views. The generated behaviour follows interests that are derived
from the person's real taste.
"""

from collections.abc import Iterator

import numpy as np

from sample_database import generated_catalogue, generated_people
from sample_database.generated import Behaviour, Scale, stream
from sample_database.generated_interests import INTERESTS
from sample_database.generated_people import GENDERS, People, Population
from sample_database.movielens_files import MovieLens
from sample_database.tables import (
    POST_COLUMNS,
    POST_EVENT_COLUMNS,
    POST_EVENT_KINDS,
    USER_COLUMNS,
    Community,
    EntityTable,
    Events,
    EventTable,
    Record,
    moment,
)
from trial_data.arrays import Floats, Ints

YOUNGEST = 13  # the community's minimum age; the few younger MovieLens viewers are stored without an age
_KIND_OF_STARS = {1: "view", 2: "view", 3: "view", 4: "like", 5: "comment"}
_GENRE_INTERESTS = {  # invented, but fixed: which interests a taste for a genre suggests
    "Action": ("martial arts", "strength"),
    "Adventure": ("climbing", "running"),
    "Animation": ("dance", "calisthenics"),
    "Children's": ("swimming", "dance"),
    "Comedy": ("dance", "cycling"),
    "Crime": ("martial arts", "interval training"),
    "Documentary": ("walking", "mobility"),
    "Drama": ("yoga", "walking"),
    "Fantasy": ("climbing", "yoga"),
    "Film-Noir": ("walking", "martial arts"),
    "Horror": ("interval training", "strength"),
    "Musical": ("dance", "swimming"),
    "Mystery": ("yoga", "running"),
    "Romance": ("yoga", "swimming"),
    "Sci-Fi": ("cycling", "calisthenics"),
    "Thriller": ("running", "interval training"),
    "War": ("strength", "calisthenics"),
    "Western": ("climbing", "cycling"),
}


def community(data: MovieLens, scale: Scale) -> Community:
    """`scale` says how much fitness life to generate; users and posts are as many as MovieLens has."""
    end = int(data.times.max())
    people = _people(data, scale.seed)
    population = Population(1, lambda _: people)
    behaviour = Behaviour(
        population=population,
        programs=generated_catalogue.programs(
            stream(scale.seed, "programs"), scale.programs, int(data.times.min())
        ),
        shelf=generated_people.people_shelf(stream(scale.seed, "shelf"), population),
        end=end,
        scale=scale,
    )
    return Community(
        f"MovieLens 100K ({len(data.viewers):,} people, {len(data.films):,} films as posts, "
        f"{len(data.stars):,} ratings as events); programs and follows generated (seed {scale.seed})",
        (
            EntityTable("users", USER_COLUMNS, lambda: iter([people.records()])),
            EntityTable("posts", POST_COLUMNS, lambda: iter([_posts(data)])),
            *behaviour.tables(),
            EventTable("post_events", POST_EVENT_COLUMNS, lambda: _post_events(data), POST_EVENT_KINDS),
        ),
    )


def _people(data: MovieLens, seed: int) -> People:
    rng = stream(seed, "people")
    ages = np.array([viewer.age if viewer.age >= YOUNGEST else 0 for viewer in data.viewers], dtype=np.int64)
    ids = np.array([viewer.id for viewer in data.viewers], dtype=np.int64)
    first = _first_times(ids, data.viewer_ids, data.times)
    return People(
        ids=ids,
        ages=ages,
        genders=np.array([GENDERS.index(viewer.gender) for viewer in data.viewers], dtype=np.int64),
        countries=generated_people.countries(rng, len(ids)),
        strengths=generated_people.strengths(rng, ages),
        joined=first - rng.integers(60, 14 * 86_400, size=len(ids)),
        interests=generated_interests_of(data, ids, ages, rng),
    )


def generated_interests_of(data: MovieLens, ids: Ints, ages: Ints, rng: np.random.Generator) -> Floats:
    """(people, INTERESTS), rows sum to 1: liked genres compared with everybody's, age, and personal whim."""
    genres = list(_GENRE_INTERESTS)
    of_film = {
        film.id: [genres.index(g) for g in film.genres if g in _GENRE_INTERESTS] for film in data.films
    }
    liked = np.zeros((len(ids), len(genres)))
    rows = np.searchsorted(ids, data.viewer_ids)
    for row, film, stars in zip(rows.tolist(), data.film_ids.tolist(), data.stars.tolist(), strict=True):
        if stars >= 4:
            liked[row, of_film[film]] += 1
    taste = liked / np.maximum(liked.sum(axis=1, keepdims=True), 1)
    taste = (taste - taste.mean(axis=0)) / (taste.std(axis=0) + 1e-9)
    suggests = np.array([[interest in _GENRE_INTERESTS[genre] for interest in INTERESTS] for genre in genres])
    pull = taste @ suggests.astype(np.float64)
    pull = pull / (pull.std() + 1e-9) + 0.8 * rng.normal(size=pull.shape)
    pull[:, [INTERESTS.index(name) for name in ("walking", "mobility")]] += (ages > 50)[:, None]
    pull[:, [INTERESTS.index(name) for name in ("climbing", "interval training")]] += (
        (ages > 0) & (ages < 25)
    )[:, None]
    weights = np.exp(1.6 * pull)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _posts(data: MovieLens) -> list[Record]:
    """A film is posted when it is first rated."""
    ids = np.array([film.id for film in data.films], dtype=np.int64)
    first = _first_times(ids, data.film_ids, data.times)
    return [
        (film.id, film.title, list(film.genres), moment(time))
        for film, time in zip(data.films, first, strict=True)
    ]


def _post_events(data: MovieLens) -> Iterator[Events]:
    """A rating is one event; the more effort an event takes, the higher the rating it stands for."""
    code = np.array([0, *(POST_EVENT_KINDS.index(_KIND_OF_STARS[stars]) for stars in range(1, 6))])
    yield Events(data.viewer_ids, data.film_ids, data.times, code[data.stars].astype(np.int64)).by_time()


def _first_times(ids: Ints, owners: Ints, times: Ints) -> Ints:
    """Of each id's events the first; ids without any start with the data."""
    first = np.full(len(ids), times.max(), dtype=np.int64)
    np.minimum.at(first, np.searchsorted(ids, owners), times)
    unseen = ~np.isin(ids, owners)
    first[unseen] = times.min()
    return first
