"""Implicit-feedback matrix factorisation by alternating least squares (the library `implicit` trains).

Hu, Koren, Volinsky, "Collaborative Filtering for Implicit Feedback Datasets" (ICDM 2008). A touched pair has
the confidence c = alpha x weight, all others 1; a user's factors solve
(Y'Y + sum (c - 1) y y' + lambda I) u = sum c y, which is also how a history becomes a user here (fold-in).

The sweeps start from a truncated SVD instead of noise: a few of them then rank as well as many.
"""

from dataclasses import dataclass

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from implicit.recommender_base import ModelFitError
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from engine.data.interactions import Interactions
from engine.data.memory import DENSE_ITEMS
from engine.data.training_data import TrainingData
from engine.ground.arrays import Floats
from engine.ground.errors import ConfigError, DataError
from engine.ground.threads import cores, one_blas_thread
from engine.models.fitted import fitted
from engine.scorers.ials import IalsScorer
from engine.serving.trained_model import Model

SWEEPS, SWEEPS_OF_MANY = 3, 2


@dataclass(frozen=True, kw_only=True)
class IalsConfig:
    factors: int = 64
    regularisation: float = 25.0
    alpha: float = 4.0
    """confidence of a touched pair of weight 1; an untouched pair has 1"""
    sweeps: int | None = None
    """None: SWEEPS, or SWEEPS_OF_MANY where there are more than DENSE_ITEMS items"""
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("factors", "regularisation", "alpha", "sweeps"):
            if (value := getattr(self, name)) is not None and not value > 0:
                raise ConfigError(f"{name} must be positive, got {value}")


def fit(data: Interactions | TrainingData, config: IalsConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: IalsConfig) -> IalsScorer:
    """Factors of users and items. Raises: DataError, if the equations cannot be solved."""
    with one_blas_thread():
        library = AlternatingLeastSquares(
            factors=config.factors,
            regularization=config.regularisation,
            alpha=config.alpha,
            iterations=config.sweeps or (SWEEPS_OF_MANY if data.x.shape[1] > DENSE_ITEMS else SWEEPS),
            random_state=config.seed,
            num_threads=cores(),
        )
        library.user_factors, library.item_factors = _start(data, config)
        try:
            library.fit(csr_matrix(data.x), show_progress=False)
        except ModelFitError:
            raise DataError(
                f"iALS cannot solve its equations with event weights up to {data.x.data.max():g} and "
                f"alpha={config.alpha:g}: scale the weights down, so that most are about 1, or lower alpha"
            ) from None
    users, items = np.asarray(library.user_factors, np.float32), np.asarray(library.item_factors, np.float32)
    users, items = _told(data, users, items)
    gram = items.T @ items + np.float32(config.regularisation) * np.eye(config.factors, dtype=np.float32)
    return IalsScorer(users, items, gram, config.alpha)


def _told(data: TrainingData, users: Floats, items: Floats) -> tuple[Floats, Floats]:
    """Zeros for users whom the data connects to nothing that they have not touched, and for their items.

    In place, as there may be many. Components of the graph of pairs: users who have all of their own one, and
    items of one in which everybody has everything. What the sweeps leave there is noise.
    """
    people, lengths = len(users), np.diff(data.x.indptr)
    starts = np.concatenate([data.x.indptr, np.full(len(items), data.x.indptr[-1])])
    graph = csr_matrix(
        (np.ones(data.x.nnz, np.int8), data.x.indices + people, starts), shape=(len(starts) - 1,) * 2
    )
    count, component = connected_components(graph, directed=False)
    of_users, of_items = component[:people], component[people:]
    things = np.bincount(of_items, minlength=count)
    more = lengths < things[of_users]
    open_ended = np.bincount(of_users[more], minlength=count) > 0
    users[~more] = 0
    items[~open_ended[of_items]] = 0
    return users, items


def _start(data: TrainingData, config: IalsConfig) -> tuple[Floats, Floats]:
    """User and item factors with a product near x; noise in the columns that x has no direction for."""
    directions = data.directions(config.factors)
    places: Floats = data.x @ directions
    scales = np.sqrt(np.linalg.norm(places, axis=0)) + np.float32(1e-6)
    places /= scales
    directions = directions * scales
    missing = config.factors - directions.shape[1]
    if not missing:
        return places, directions
    rng = np.random.default_rng(config.seed)
    noise = [rng.random((rows, missing), np.float32) * np.float32(0.01) for rows in data.x.shape]
    return np.hstack([places, noise[0]]), np.hstack([directions, noise[1]])
