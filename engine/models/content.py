"""Items alike by what they are: categories, words and numbers of their metadata.

TF-IDF vectors per column, unit length, compared by cosine (Lops, de Gemmis, Semeraro, "Content-based
Recommender Systems", Recommender Systems Handbook 2011). Numbers become tenths of the rows by size. The one
algorithm that knows an item nobody has touched yet.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array, diags_array, hstack

from engine.histories import Histories, Recency
from engine.metadata import Column, Metadata, Numbers
from engine.model import Model
from engine.models.item_neighbours import BLOCK, by_source, nearest
from engine.scorers.item_item import NeighbourScorer
from engine.sparse import Sparse, sorted_matrix
from engine.threads import blocks
from engine.training import TrainingData, fitted

BINS = 10


@dataclass(frozen=True, kw_only=True)
class ContentConfig:
    neighbours: int = 500
    recency: Recency | None = field(default_factory=Recency)


def fit(data: TrainingData, config: ContentConfig) -> Model:
    return fitted(data, lambda whole: train(whole, config))


def train(data: TrainingData, config: ContentConfig) -> NeighbourScorer:
    vectors = features(data.need_items())
    items = vectors.shape[0]
    columns = vectors.T.tocsr()

    def work(start: int, stop: int) -> Histories:
        return nearest((vectors[start:stop] @ columns).toarray(), start, config.neighbours)

    return NeighbourScorer(by_source(list(blocks(work, items, size=BLOCK)), items), config.recency)


def features(metadata: Metadata) -> Sparse:
    """Rows of unit length (or of zeros), every column of the metadata with the same say."""
    parts = [_unit(_weighted(indicators(column))) for column in metadata.columns.values()]
    return _unit(hstack(parts, format="csr"))


def indicators(column: Column) -> Sparse:
    """Rows x values, how often a row has each value; numbers by the tenth of the rows they fall in."""
    if not isinstance(column, Numbers):
        return sorted_matrix(column.codes, len(column.values))
    known = np.isfinite(column.values)
    edges = np.unique(np.quantile(column.values[known], np.arange(1, BINS) / BINS)) if known.any() else [0.0]
    bins = np.searchsorted(edges, column.values[known], side="right")
    rows = np.flatnonzero(known)
    shape = (len(column.values), len(edges) + 1)
    return csr_array((np.ones(len(rows), np.float32), (rows, bins)), shape=shape)


def _weighted(counts: Sparse) -> Sparse:
    having = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log1p(counts.shape[0] / np.maximum(having, 1)).astype(np.float32)
    return csr_array(counts @ diags_array(idf))


def _unit(rows: Sparse) -> Sparse:
    lengths = np.sqrt(np.asarray(rows.power(2).sum(axis=1)).ravel())
    scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0).astype(np.float32)
    return csr_array(diags_array(scale) @ rows)
