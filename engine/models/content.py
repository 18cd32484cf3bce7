"""Items alike by what they are: categories, words and numbers of their metadata.

TF-IDF vectors per column, unit length, compared by cosine (Lops, de Gemmis, Semeraro, "Content-based
Recommender Systems", Recommender Systems Handbook 2011). Numbers become tenths of the rows by size. The one
algorithm that knows an item nobody has touched yet.
"""

from dataclasses import dataclass, field

import numpy as np

from engine.data.content_space import ContentSpace
from engine.data.memory import DENSE_ITEMS
from engine.data.metadata import Metadata
from engine.data.training_data import TrainingData
from engine.ground.arrays import Codes
from engine.ground.histories import Histories, Recency
from engine.ground.near import alike, bounded, nearest_by_product, nearest_of_alike
from engine.ground.ranking import ranks_of
from engine.ground.sparse import Sparse, turned
from engine.ground.threads import blocks
from engine.models.fitted import fitted
from engine.models.item_neighbours import BLOCK, TARGETS, by_source, nearest
from engine.scorers.item_item import NeighbourScorer
from engine.serving.trained_model import Model

MOST_ENTRIES = 10_000_000
FEW = 0.25
"""of the items: as many different vectors are few"""


@dataclass(frozen=True, kw_only=True)
class ContentConfig:
    neighbours: int = 500
    """of each item; of more than DENSE_ITEMS as many as make MOST_ENTRIES in all, if that is fewer"""
    recency: Recency | None = field(default_factory=Recency)


def fit(data: TrainingData, config: ContentConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: ContentConfig) -> NeighbourScorer:
    vectors = features(data.need_items())
    items = vectors.shape[0]
    if items > DENSE_ITEMS:
        return _nearest_of_many(vectors, config, data.memory.ranks)
    columns = vectors.T.tocsr()

    def work(start: int, stop: int) -> Histories:
        cosines = (vectors[start:stop] @ columns).toarray()
        return nearest(cosines, start, config.neighbours, data.memory.ranks)

    return NeighbourScorer(by_source(list(blocks(work, items, size=BLOCK)), items), config.recency)


def _nearest_of_many(vectors: Sparse, config: ContentConfig, ranks: Codes) -> NeighbourScorer:
    items = vectors.shape[0]
    neighbours = max(min(config.neighbours, MOST_ENTRIES // items), 1)
    chance = ranks_of(np.zeros(items, np.float32))  # new items are as good as popular ones
    first, groups = alike(vectors)
    if len(first) <= items * FEW:
        found = nearest_of_alike(vectors[first], groups, neighbours, ranks)
        return NeighbourScorer(bounded(turned(found, items), TARGETS, chance), config.recency)
    parts = nearest_by_product(vectors, vectors.T.tocsr(), neighbours, ranks, lambda cosines, *_: cosines)
    return NeighbourScorer(bounded(by_source(parts, items), TARGETS, chance), config.recency)


def features(metadata: Metadata) -> Sparse:
    """Rows of unit length (or of zeros), every column of the metadata with the same say."""
    return ContentSpace.of(metadata).vectors(metadata)
