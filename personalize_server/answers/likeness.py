"""How alike newcomers and a model's items are by their metadata, on disk as a part of an image."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_array

from engine.data.content_space import Axis, ContentSpace
from engine.data.metadata import Column, Metadata, Numbers, categories, words
from engine.ground.histories import Histories, offsets_of
from engine.ground.ranking import top
from engine.ground.sparse import Sparse
from personalize_server.data.attribute_columns import mapped
from personalize_server.data.avro_schema import Field
from personalize_server.data.cells import kept
from personalize_server.data.numbers import features, floats

_AXES = "axes.json"
_BLOCK = 512


@dataclass(frozen=True)
class Likeness:
    space: ContentSpace
    columns: Sparse
    """coordinates x items of the model"""

    @classmethod
    def of(cls, metadata: Metadata) -> "Likeness":
        """`metadata` is that of the model's items."""
        space = ContentSpace.of(metadata)
        return cls(space, space.vectors(metadata).T.tocsr())

    def near(self, metadata: Metadata, neighbours: int) -> Histories:
        """Of each row of `metadata` the items most alike by their cosine, as far as they are alike."""
        vectors = self.space.vectors(metadata)
        found = [Histories.empty(0)]
        for start in range(0, vectors.shape[0], _BLOCK):
            items, values = top((vectors[start : start + _BLOCK] @ self.columns).toarray(), neighbours)
            kept = values > 0
            found.append(Histories(offsets_of(kept.sum(axis=1)), items[kept], values[kept]))
        return Histories.stacked(found)

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        axes = {name: _plain(axis) for name, axis in self.space.axes.items()}
        (folder / _AXES).write_text(json.dumps(axes))
        for name in ("data", "indices", "indptr"):
            np.save(folder / f"{name}.npy", getattr(self.columns, name))
        np.save(folder / "shape.npy", np.array(self.columns.shape))

    @classmethod
    def load(cls, folder: Path) -> "Likeness | None":
        """None: the image's model does not look at metadata of items."""
        if not (folder / _AXES).exists():
            return None
        axes = json.loads((folder / _AXES).read_text())
        parts = [mapped(folder / f"{name}.npy") for name in ("data", "indices", "indptr")]
        rows, width = np.load(folder / "shape.npy").tolist()
        space = ContentSpace({name: _axis(entry) for name, entry in axes.items()})
        return cls(space, csr_array(tuple(parts), shape=(rows, width)))


def metadata_of(ids: Sequence[str], cells: Sequence[Mapping[str, str]], fields: Sequence[Field]) -> Metadata:
    """Of records as they were put, row by row."""
    columns = {field.name: _column(field, [row.get(field.name, "") for row in cells]) for field in fields}
    return Metadata(np.array(ids, np.str_), columns)


def _column(field: Field, cells: Sequence[str]) -> Column:
    if field.numeric:
        return Numbers(features(floats(np.asarray(kept(field, cells)))))
    return words(cells) if field.textual else categories(cells)


def _plain(axis: Axis) -> dict[str, list[str] | list[float] | None]:
    return {
        "values": None if axis.values is None else axis.values.tolist(),
        "edges": None if axis.edges is None else axis.edges.tolist(),
        "weights": axis.weights.tolist(),
    }


def _axis(entry: Mapping[str, list[str] | list[float] | None]) -> Axis:
    values, edges = entry["values"], entry["edges"]
    return Axis(
        None if values is None else np.array(values, np.str_),
        None if edges is None else np.array(edges, np.float32),
        np.array(entry["weights"], np.float32),
    )
