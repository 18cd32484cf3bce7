"""The newcomers of an image: found in its items, kept in its folder."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.data.metadata import Metadata
from engine.ground.arrays import Codes, Ids, Times
from engine.ground.histories import Histories
from engine.ground.vocabulary import factorise, lookup
from personalize_server.answers.inference_plan import InferencePlan
from personalize_server.answers.likeness import Likeness
from personalize_server.answers.newcomers import Newcomers, say_of
from personalize_server.data.attribute_columns import mapped
from personalize_server.data.attribute_table import AttributeTable
from personalize_server.data.avro_schema import parse_schema
from personalize_server.data.columns import Part, written_at
from personalize_server.data.dataset_contents import DatasetContent
from personalize_server.facts.recipes import RECIPES
from personalize_server.state.metadata_puts import Arrivals
from personalize_server.state.store import Store
from personalize_server.training.inputs import Dataset, Inputs

MOST = 20_000
LIKENESS = "likeness"
_COLUMN = "ITEM_ID"
_PARTS = ("newcomer_offsets", "newcomer_items", "newcomer_weights")


def unknown_ids(folders: Sequence[Path], item_ids: Ids) -> Ids:
    """Of the items in these parts that are not among `item_ids`, the newest by their creation; sorted."""
    distinct, _ = factorise(list(chain.from_iterable(Part(folder).vocabulary(_COLUMN) for folder in folders)))
    new = distinct[lookup(item_ids, distinct) < 0] if len(distinct) else distinct
    if len(new) <= MOST:
        return new
    created = AttributeTable.read(folders, _COLUMN, new).numbers("CREATION_TIMESTAMP")
    newest = np.argsort(np.nan_to_num(created, nan=np.inf), kind="stable")[-MOST:]
    return new[np.sort(newest)]


def codes_of(known: Ids, new: Ids, wanted: Ids) -> Codes:
    """Places in `known`, after them in `new`, -1 for neither."""
    codes, later = lookup(known, wanted), lookup(new, wanted)
    return np.where(codes >= 0, codes, np.where(later >= 0, later + len(known), -1)).astype(np.int32)


def store_newcomers(plan: InferencePlan, folders: Sequence[Path], known: Ids, new: Ids, folder: Path) -> None:
    """What tells the newcomers from each other; of recipes that do not explore only who they are."""
    np.save(folder / "newcomer_ids.npy", new)
    near, arrived = Histories.empty(len(new)), np.zeros(len(new))
    recipe = RECIPES[plan.solution["recipeArn"]]
    if recipe.explores and plan.items is not None:
        metadata = _metadata(plan, plan.items, folders)
        if metadata is not None:
            likeness = Likeness.of(metadata.aligned(known))
            likeness.save(folder / LIKENESS)
            near = likeness.near(metadata.aligned(new), say_of(plan.learned).neighbours)
        arrived = _arrivals(plan.items, plan.state_file, new)
    np.save(folder / "newcomer_arrived.npy", arrived)
    arrays: tuple[Any, ...] = (near.offsets, near.items, near.weights)
    for name, array in zip(_PARTS, arrays, strict=True):
        np.save(folder / f"{name}.npy", array)


def load_newcomers(plan: InferencePlan, folder: Path, since: Times, first: int) -> Newcomers:
    return Newcomers(
        first=first,
        ids=np.load(folder / "newcomer_ids.npy").tolist(),
        since=since,
        arrived=mapped(folder / "newcomer_arrived.npy"),
        near=Histories(*(mapped(folder / f"{name}.npy") for name in _PARTS)),
        say=say_of(plan.learned),
    )


def _metadata(plan: InferencePlan, items: DatasetContent, folders: Sequence[Path]) -> Metadata | None:
    datasets = {"ITEMS": Dataset(folders, parse_schema(items.schema))}
    inputs = Inputs(datasets=datasets, solution=plan.solution, quotas=plan.quotas)
    return inputs.metadata("ITEMS")


def _arrivals(items: DatasetContent, state_file: Path, new: Ids) -> NDArray[np.float64]:
    """With the first import or record that has them."""
    found = np.full(len(new), np.inf)
    for folder in items.parts:
        there = lookup(new, np.array(Part(folder).vocabulary(_COLUMN), np.str_))
        found[there[there >= 0]] = np.minimum(found[there[there >= 0]], written_at(folder))
    store = Store(state_file, read_only=True)
    try:
        arrivals = Arrivals(store, items.arn)
        for at, name in enumerate(new.tolist()):
            came = arrivals.of_subject(name)
            if came is not None:
                found[at] = min(found[at], came)
    finally:
        store.close()
    return np.where(np.isinf(found), 0.0, found)
