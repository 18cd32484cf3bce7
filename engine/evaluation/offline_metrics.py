"""The offline metrics of a solution version, by the split that Amazon Personalize documents.

90 % of the users train; of the other 10 % the newest tenth of their events is held back and the rest is
their history (https://docs.aws.amazon.com/personalize/latest/dg/working-with-training-metrics.html).
"""

from collections.abc import Callable

from engine.data.interactions import Interactions
from engine.evaluation.evaluate import recommended
from engine.evaluation.metrics import Hits, coverage
from engine.evaluation.protocols import personalize as personalize_split
from engine.evaluation.splits import Holdout
from engine.ground.arrays import Codes
from engine.serving.trained_model import Model

Fit = Callable[[Interactions], Model]
LIST = 25


def offline_metrics(
    interactions: Interactions, fit: Fit, *, seed: int, repeats: bool = False
) -> dict[str, float]:
    """The eight documented metrics of what `fit` makes of the training part, by their documented keys.

    repeats: of what is held back, items that a person has touched before count too.
    """
    split = personalize_split(interactions, seed, repeats=repeats)
    lists = recommended(fit(split.train), split, LIST)
    return documented(lists, split)


def documented(lists: Codes, split: Holdout) -> dict[str, float]:
    """Those of lists (test users x positions, -1 where one is short), by their documented keys: 0 to 1."""
    items = len(split.train.item_ids)
    hits = Hits.of(lists, split.relevant, items)
    metrics = {"coverage": coverage(lists, items)}
    metrics["mean_reciprocal_rank_at_25"] = float(hits.reciprocal_rank(LIST).mean())
    for k in (5, 10, 25):
        metrics[f"normalized_discounted_cumulative_gain_at_{k}"] = float(hits.ndcg(k).mean())
        metrics[f"precision_at_{k}"] = float(hits.precision(k).mean())
    return metrics
