"""New items that could not be taken in once are when they can."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from personalize_server.answers.freshness import Freshness
from personalize_server.answers.inference import Inference
from personalize_server.data.attribute_columns import Attributes
from personalize_server.data.dataset_contents import DatasetContent
from tests.personalize_server.support.clockwork import Clockwork
from tests.personalize_server.support.journey import schema_text


class Fresh(Freshness):
    """Has room for new items only when it is told so."""

    room = False
    taken: tuple[str, ...] = ()

    def _welcome(self, new: Any, arrivals: Any) -> None:
        if not self.room:
            raise OSError("no room")
        self.taken += tuple(put.cells["ITEM_ID"] for put in new)

    def _inference(self) -> Inference:
        return self._image


def test_new_items_that_could_not_be_taken_in_are_as_soon_as_they_can(tmp_path: Path) -> None:
    with Clockwork(tmp_path) as made:
        group = made.call("CreateDatasetGroup", name="g")["datasetGroupArn"]
        text = schema_text("Items")
        schema = made.call("CreateSchema", name="s", schema=text)["schemaArn"]
        about = {"name": "d", "schemaArn": schema, "datasetGroupArn": group}
        dataset = made.call("CreateDataset", **about, datasetType="Items")["datasetArn"]
        filters = SimpleNamespace(items=Attributes({}), users=Attributes({}))
        image = SimpleNamespace(
            **{"filters": filters, "width": 3, "user_ids": (), "newcomers": None},
            codes=lambda ids: [0 if name == "known" else -1 for name in ids],
        )
        content = DatasetContent(arn=dataset, schema=text, parts=(), put_before=(), erased=0)
        fresh = Fresh(cast(Inference, image), tmp_path, {"items": content}, {"items": 0})
        for name in ("known", "first", "first", "second"):
            items = [{"itemId": name, "properties": '{"genres": "Horror"}'}]
            made.call("PutItems", datasetArn=dataset, items=items)
        for _ in range(2):
            assert fresh.due(made.store)
            with pytest.raises(OSError, match="no room"):
                fresh.advanced(made.store)
        fresh.room = True
        assert fresh.due(made.store), "although nothing has been put since"
        fresh.advanced(made.store)
        assert fresh.taken == ("first", "second") and not fresh.due(made.store)
