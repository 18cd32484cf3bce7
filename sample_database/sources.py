"""Ways to fill the sample business's database, as `config/demo.py` names them."""

from datetime import UTC, date, datetime

from config.types.demonstration import NoData, Say
from sample_database.generated import Scale, community
from sample_database.load import load, source_community
from trial_data import movielens


def today() -> date:
    """By UTC: data that ends there is data of now for queries that look back."""
    return datetime.now(UTC).date()


def movielens_100k(dsn: str, say: Say) -> str:
    """Raises: NoData, if it cannot be had or loaded."""
    say(f"MovieLens 100K and its terms\n\n{movielens.LICENCE}\n")
    try:
        content = source_community("movielens", Scale())
    except movielens.MovieLensUnavailable as unavailable:
        raise NoData(str(unavailable)) from unavailable
    return load(dsn, content).told


def generated(dsn: str, say: Say) -> str:
    """Raises: NoData, if it cannot be loaded."""
    # MovieLens 100K's order of size: a busy machine trains on it long before a workflow loses patience.
    return load(dsn, community(Scale(users=3_000, posts=600, until=today()))).told


def few(dsn: str, say: Say) -> str:
    """Raises: NoData, if it cannot be loaded."""
    return load(dsn, community(Scale(users=200, posts=80, until=today()))).told
