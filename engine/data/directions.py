"""Leading right singular vectors of the user x item matrix: the directions in which items vary together."""

import numpy as np
from scipy.sparse.linalg import svds

from engine.ground.arrays import Floats
from engine.ground.sparse import Sparse
from engine.ground.threads import one_blas_thread

SPARE = 32
"""columns beside those asked for: the more, the fewer rounds"""
ROUNDS = 60
PRECISE = 1e-4
LEAST_SPARE = 20
SEED = 0


def of_gram(gram: Floats, count: int) -> Floats:
    """Items x count, the strongest first: eigenvectors of X'X by subspace iteration with Rayleigh-Ritz.

    Halko, Martinsson, Tropp, "Finding Structure with Randomness" (SIAM Review 2011), algorithm 4.4; it ends
    when the sum of the eigenvalues is precise to PRECISE. The time does not grow with the users.
    """
    items = len(gram)
    width = min(count + SPARE, items)
    basis = np.random.default_rng(SEED).standard_normal((items, width), np.float32)
    before = 0.0
    for _ in range(ROUNDS):
        basis, _ = np.linalg.qr(gram @ basis)
        image = gram @ basis
        values, turn = np.linalg.eigh(basis.T @ image)
        strength = float(values[-count:].sum())
        if strength - before <= PRECISE * strength:
            break
        before, basis = strength, image
    return np.ascontiguousarray((basis @ turn)[:, ::-1][:, :count])


def of_matrix(x: Sparse, count: int) -> Floats:
    """The same from the sparse matrix by ARPACK (scipy svds), one fewer than users or items at most."""
    most = min(x.shape) - 1
    if most < 1:  # a single user or item has no direction to truncate
        return np.ones((x.shape[1], 1), np.float32)
    start = np.random.default_rng(SEED).standard_normal(min(x.shape)).astype(np.float32)
    with one_blas_thread():  # ARPACK's many small products only lose time to a second thread
        count = min(count, most)
        vectors = min(max(count + count // 4, count + LEAST_SPARE), most + 1)
        _, _, right = svds(x, k=count, v0=start, ncv=vectors)
    return np.ascontiguousarray(right[::-1].T, np.float32)
