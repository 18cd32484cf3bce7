"""What was put since an image was made, on top of it: filters, metadata and newcomers of a deployment."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.ground.histories import Histories
from engine.ground.vocabulary import UNKNOWN
from personalize_server.answers.inference import Inference
from personalize_server.answers.likeness import Likeness, metadata_of
from personalize_server.answers.newcomer_files import LIKENESS
from personalize_server.answers.newcomers import Newcomers, together
from personalize_server.data.attribute_changes import Changes
from personalize_server.data.avro_schema import Field, parse_schema
from personalize_server.data.dataset_contents import DatasetContent
from personalize_server.data.numbers import whole
from personalize_server.filters.applying import FilterData
from personalize_server.state.metadata_puts import Arrivals, Put, last_put, puts_after
from personalize_server.state.store import Store

_CREATED = "CREATION_TIMESTAMP"


class Freshness:
    """Of one image; used by one thread at a time. What it gives is never changed afterwards."""

    def __init__(
        self,
        image: Inference,
        folder: Path,
        metadata: Mapping[str, DatasetContent],
        until: Mapping[str, int],
    ) -> None:
        """`metadata` are the datasets of items and users, `until` what of their puts is in the image."""
        self._image = image
        self._folder = folder
        self._arns = {name: content.arn for name, content in metadata.items()}
        self._seen = {name: until.get(name, 0) for name in self._arns}
        fields = {name: parse_schema(content.schema) for name, content in metadata.items()}
        filters = image.filters
        self._items = Changes(filters.items, image.width, fields.get("items", ()), self._item_row)
        self._users = Changes(filters.users, len(image.user_ids), fields.get("users", ()), self._user_row)
        self._fields = {field.name: field for field in fields.get("items", ())}
        self._newcomers = image.newcomers
        self._waiting: dict[str, Put] = {}
        """new items that are not among the newcomers yet, in the order in which they were added"""
        self._likeness: Likeness | None = None

    def due(self, store: Store) -> bool:
        """Has anything been put? Takes microseconds."""
        return bool(self._waiting) or any(
            last_put(store, arn) > self._seen[name] for name, arn in self._arns.items()
        )

    def advanced(self, store: Store) -> Inference:
        """The image with all that was put until now."""
        users = self._read(store, "users")
        for put in users:
            self._users.put(put.cells["USER_ID"], put.cells)
        items = self._read(store, "items")
        for put in items:
            name = put.cells["ITEM_ID"]
            if self._items.put(name, put.cells) or name in self._waiting:
                self._waiting[name] = put
        if self._waiting:
            self._welcome(list(self._waiting.values()), Arrivals(store, self._arns["items"]))
            self._waiting.clear()
        return self._inference()

    def _read(self, store: Store, name: str) -> Sequence[Put]:
        if name not in self._arns:
            return ()
        found = puts_after(store, self._arns[name], self._seen[name])
        if found:
            self._seen[name] = found[-1].seq
        return found

    def _welcome(self, new: Sequence[Put], arrivals: Arrivals) -> None:
        image = self._image
        ids = [put.cells["ITEM_ID"] for put in new]
        near = Histories.empty(len(new))
        self._likeness = self._likeness or Likeness.load(self._folder / LIKENESS)
        if self._likeness is not None:
            fields: list[Field] = [self._fields[name] for name in self._likeness.space.axes]
            rows = [put.cells for put in new]
            near = self._likeness.near(metadata_of(ids, rows, fields), image.newcomers.say.neighbours)
        self._newcomers = together(
            self._newcomers,
            Newcomers(
                first=image.newcomers.first,
                ids=ids,
                since=np.array([whole(put.cells.get(_CREATED, "")) or image.newest for put in new], np.int64),
                arrived=np.array([arrivals.of_record(put.seq) for put in new]),
                near=near,
                say=image.newcomers.say,
            ),
        )

    def _inference(self) -> Inference:
        image, before = self._image, self._image.filters
        width = image.width + len(self._items.added)
        items, users = self._items.attributes(), self._users.attributes()
        filters = FilterData(width, items, users, before.window, before)
        new_users = dict(self._users.added)
        return replace(image, filters=filters, newcomers=self._newcomers, new_users=new_users)

    def _item_row(self, name: str) -> int:
        return self._image.codes([name])[0]

    def _user_row(self, name: str) -> int:
        rows = self._image.rows([name])
        return int(rows[0]) if len(rows) else UNKNOWN
