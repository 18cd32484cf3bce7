"""The ways of splitting that papers and practice use, by name."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal, cast, get_args

import numpy as np

from engine.data.interactions import Interactions
from engine.evaluation.splits import Holdout, newest_share, newest_visit, some_users
from engine.ground.arrays import Mask
from engine.ground.errors import ConfigError, DataError

Protocol = Literal[
    "user-time", "random", "leave-last-out", "last-visit", "global-time", "strong", "personalize"
]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
BY_TIME: tuple[Protocol, ...] = ("user-time", "leave-last-out", "last-visit", "global-time")
"""the same pairs always split in the same way"""
RANDOM_SHARE = 0.25
EXPLAINED: dict[Protocol, str] = {
    "user-time": "Of each person the newest tenth is held back, at least one; models learn from all that is "
    "older.",
    "random": "Of each person a quarter, drawn by chance, is held back; models learn from the rest, which is "
    "partly newer than what they are asked for.",
    "leave-last-out": "Of each person the newest is held back; models learn from all that is older.",
    "last-visit": "Of each person all of the newest moment is held back, the next basket; models learn from "
    "all that is older.",
    "global-time": "All after one moment, nine tenths through the data, is held back; models learn from what "
    "was before it and know nothing of the future.",
    "strong": "A fifth of the people, drawn by chance, is not learned from: of each of them a fifth, drawn "
    "by chance, is held back, and the models are given the rest.",
    "personalize": "A tenth of the people, drawn by chance, is not learned from: of each of them the newest "
    "tenth is held back, and the models are given the rest, as Amazon Personalize does it.",
}
"""for people who read a report"""


def split(interactions: Interactions, protocol: Protocol, *, seed: int = 0, repeats: bool = False) -> Holdout:
    """Train and test of the named protocol; each tests on distinct pairs, newest event first.

    repeats: on events instead, of which any may be of an item that the user has touched before.
    Raises: ConfigError, if there is no such protocol.
    """
    try:
        cut = _CUTS[protocol]
    except KeyError:
        raise ConfigError(f"no protocol {protocol!r}; there are {', '.join(PROTOCOLS)}") from None
    drawn = {} if protocol in BY_TIME else {"seed": seed}
    pairs = replace(interactions, are_distinct=False) if repeats else interactions.distinct()
    return cut(pairs, repeats=repeats, **drawn)


def validation_for(protocol: str) -> Protocol:
    """How to hold back from training data to choose settings for a test by this protocol.

    Where few users can be asked, asking all of them about their newest tenth chooses better.
    """
    return "user-time" if protocol in ("personalize", "global-time") else cast(Protocol, protocol)


def repeated(
    interactions: Interactions,
    protocol: Protocol,
    *,
    seed: int = 0,
    users: int,
    most: int,
    repeats: bool = False,
) -> Iterator[Holdout]:
    """Splits until `users` were asked in all, at most `most` and at least one.

    Where time decides, each split is of what the one before trained on (a rolling origin: Tashman,
    "Out-of-sample tests of forecasting accuracy", 2000); where chance does, each draws anew.
    Raises: DataError, if not even the first leaves anybody to ask; later ones that cannot end the series.
    """
    part, asked = interactions, 0
    for repeat in range(most):
        try:
            holdout = split(part, protocol, seed=seed + repeat, repeats=repeats)
        except DataError:
            if repeat == 0:
                raise
            return
        yield holdout
        asked += len(holdout.users)
        if asked >= users:
            return
        if protocol in BY_TIME:
            part = holdout.train


def user_time(pairs: Interactions, *, share: float = 0.1, repeats: bool = False) -> Holdout:
    """Each user's newest tenth is held back."""
    return _weak(pairs, newest_share(pairs, share), repeats)


def random_holdout(
    pairs: Interactions, seed: int = 0, *, share: float = RANDOM_SHARE, repeats: bool = False
) -> Holdout:
    """A random quarter of each user's items is held back (rounded; stratified 75/25)."""
    return _weak(pairs, _random_share(pairs, share, np.random.default_rng(seed)), repeats)


def leave_last_out(pairs: Interactions, *, repeats: bool = False) -> Holdout:
    """Each user's newest item is held back."""
    return _weak(pairs, newest_share(pairs, 0.0), repeats)


def last_visit(pairs: Interactions, *, repeats: bool = False) -> Holdout:
    """All of each user's newest moment is held back: the next basket."""
    return _weak(pairs, newest_visit(pairs), repeats)


def global_time(pairs: Interactions, *, share: float = 0.1, repeats: bool = False) -> Holdout:
    """Everything after one moment is held back, so that training knows nothing of the future.

    Raises: DataError, if there are no interactions.
    """
    if not len(pairs):
        raise DataError("there are no interactions to split")
    moment = np.quantile(pairs.times, 1 - share)
    return _weak(pairs, pairs.times > moment, repeats)


def strong(
    pairs: Interactions, seed: int = 0, *, users: float = 0.2, share: float = 0.2, repeats: bool = False
) -> Holdout:
    """A fifth of the users is not trained on; a random fifth of their items is held back."""
    rng = np.random.default_rng(seed)
    tested = some_users(pairs, users, rng)
    held = tested & _random_share(pairs, share, rng)
    return Holdout.of(pairs.where(~tested), pairs.where(tested & ~held), pairs.where(held), repeats=repeats)


def personalize(pairs: Interactions, seed: int = 0, *, repeats: bool = False) -> Holdout:
    """A tenth of the users is not trained on; their newest tenth is held back."""
    tested = some_users(pairs, 0.1, np.random.default_rng(seed))
    held = np.zeros(len(pairs), np.bool_)
    held[tested] = newest_share(pairs.where(tested), 0.1)
    return Holdout.of(pairs.where(~tested), pairs.where(tested & ~held), pairs.where(held), repeats=repeats)


_CUTS: dict[str, Callable[..., Holdout]] = {
    "user-time": user_time,
    "random": random_holdout,
    "leave-last-out": leave_last_out,
    "last-visit": last_visit,
    "global-time": global_time,
    "strong": strong,
    "personalize": personalize,
}


def _weak(pairs: Interactions, held: Mask, repeats: bool) -> Holdout:
    kept = pairs.where(~held)
    return Holdout.of(kept, kept, pairs.where(held), repeats=repeats)


def _random_share(pairs: Interactions, share: float, rng: np.random.Generator) -> Mask:
    """A random share of each user's rows: rounded, but at least one of two or more."""
    times = rng.permutation(len(pairs)).astype(np.int64)
    shuffled = replace(pairs, times=times, are_distinct=False)
    return newest_share(shuffled, share)
