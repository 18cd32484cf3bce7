"""Places for items that nobody has touched: python -m benchmarks.engines.new_items.

Of MovieLens 100K, of its films with shuffled metadata, and of generated tastes for kinds a fifth of the items
is taken out of training; what is held back may be one of them. NDCG@10 is of all that is held back.
"""

import argparse
from collections.abc import Callable

import numpy as np

from benchmarks.engines.data_sets import SEED, movielens
from engine.data.generated import generated
from engine.data.training_data import TrainingData
from engine.evaluation.metrics import Hits
from engine.evaluation.protocols import split
from engine.evaluation.report import aligned
from engine.evaluation.significance import paired
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.serving.reranking import Rerank

UNSEEN = 0.2
SHARES = (0.0, 0.1, 0.2, 0.3)
TOLERATED = 0.003
SETS: dict[str, Callable[[], TrainingData]] = {
    "MovieLens 100K": movielens,
    "MovieLens 100K, metadata shuffled": lambda: _shuffled(movielens()),
    "generated tastes, kinds": lambda: generated(3_000, 1_000, 90_000, seed=3),
}


def main() -> None:
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    for name, read in SETS.items():
        print(f"\n{name}\n{aligned(judged(read()))}", flush=True)


def judged(data: TrainingData) -> list[list[str]]:
    holdout = split(data.interactions, "user-time", seed=SEED)
    unseen = np.random.default_rng(SEED).random(len(data.interactions.item_ids)) < UNSEEN
    train = holdout.train.where(~unseen[holdout.train.items])
    model = fit(data.with_interactions(train), HybridConfig())
    new, inputs = model.memory.popularity == 0, model.memory.histories.take(holdout.users)
    rows = [["share asked for", "share in lists", "NDCG@10", "against none", "p", "of -0.003"]]
    before = None
    for share in SHARES:
        rerank = Rerank(new_items=share) if share else None
        lists, _ = model.top(inputs, 10, exclude=inputs, rerank=rerank)
        quality = Hits.of(lists, holdout.relevant, len(model.item_ids)).ndcg(10)
        before = quality if before is None else before
        found = paired(quality, before)
        met = "met" if quality.mean() - before.mean() >= -TOLERATED else "MISSED"
        rows.append(
            [f"{share:.2f}", f"{new[lists].mean():.3f}", f"{quality.mean():.4f}",
             f"{quality.mean() - before.mean():+.4f}", f"{found.p_value:.2g}", met]
        )  # fmt: skip
    return rows


def _shuffled(data: TrainingData) -> TrainingData:
    assert data.items is not None
    order = np.random.default_rng(SEED).permutation(len(data.items.ids))
    ids = data.items.ids[order]
    return TrainingData.of(data.interactions, type(data.items).of(ids, data.items.columns), data.users)


if __name__ == "__main__":
    main()
