"""Metadata as vectors: what was learned of some items' columns places other items beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array, hstack

from engine.data.metadata import Categories, Column, Metadata, Numbers, Words
from engine.ground.arrays import Floats, Ids
from engine.ground.histories import Histories, offsets_of
from engine.ground.sparse import Sparse, sorted_matrix
from engine.ground.vocabulary import UNKNOWN, lookup

BINS = 10

Edges = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Axis:
    """The coordinates that a column has: one per value, or one per tenth of the rows by size."""

    values: Ids | None
    """of categories and words; None: the column has numbers"""
    edges: Edges | None
    """between the tenths of numbers"""
    weights: Floats
    """per coordinate how much it tells: the logarithm of how rare it is"""

    @classmethod
    def of(cls, column: Column) -> "Axis":
        edges = values = None
        if isinstance(column, Numbers):
            edges = _edges(column)
        else:
            values = column.values
        counts = _counts(column, values, edges)
        having = np.asarray((counts > 0).sum(axis=0)).ravel()
        idf = np.log1p(counts.shape[0] / np.maximum(having, 1)).astype(np.float32)
        return cls(values, edges, idf)

    def vectors(self, column: Column) -> Sparse:
        """Rows x coordinates, of unit length or zeros; values that the axis does not have are passed over."""
        return _unit(csr_array(_counts(column, self.values, self.edges) @ diags_array(self.weights)))


@dataclass(frozen=True)
class ContentSpace:
    """An axis per column, each with the same say."""

    axes: Mapping[str, Axis]

    @classmethod
    def of(cls, metadata: Metadata) -> "ContentSpace":
        return cls({name: Axis.of(column) for name, column in metadata.columns.items()})

    def vectors(self, metadata: Metadata) -> Sparse:
        """Rows of unit length (or of zeros); `metadata` has the columns that the space was made of."""
        parts = [axis.vectors(metadata.columns[name]) for name, axis in self.axes.items()]
        return _unit(hstack(parts, format="csr"))


def indicators(column: Column) -> Sparse:
    """Rows x values, how often a row has each value; numbers by the tenth of the rows they fall in."""
    if isinstance(column, Numbers):
        return _counts(column, None, _edges(column))
    return _counts(column, column.values, None)


def _counts(column: Column, values: Ids | None, edges: Edges | None) -> Sparse:
    if isinstance(column, Numbers):
        assert edges is not None
        known = np.isfinite(column.values)
        with np.errstate(over="ignore"):  # a number too large for the edges' type is in the last tenth
            values = column.values[known].astype(edges.dtype)
        bins = np.searchsorted(edges, values, side="right")
        rows = np.flatnonzero(known)
        shape = (len(column.values), len(edges) + 1)
        return csr_array((np.ones(len(rows), np.float32), (rows, bins)), shape=shape)
    assert values is not None
    codes = column.codes if column.values is values else _translated(column, values)
    return sorted_matrix(codes, len(values))


def _translated(column: Categories | Words, values: Ids) -> Histories:
    """The column's cells by the places of its values among others, those that are not there left out."""
    places = lookup(values, column.values)[column.codes.items]
    kept = places != UNKNOWN
    lengths = np.bincount(column.codes.rows[kept], minlength=len(column.codes))
    return Histories(offsets_of(lengths), places[kept], column.codes.weights[kept])


def _edges(column: Numbers) -> Edges:
    known = column.values[np.isfinite(column.values)]
    if not len(known):
        return np.zeros(1)
    quarters = np.quantile(known / 4, np.arange(1, BINS) / BINS)  # of whole ones a difference may overflow
    return np.unique(quarters * 4)


def _unit(rows: Sparse) -> Sparse:
    lengths = np.sqrt(np.asarray(rows.power(2).sum(axis=1)).ravel())
    scale = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0).astype(np.float32)
    return csr_array(diags_array(scale) @ rows)
