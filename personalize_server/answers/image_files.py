"""What answering takes beside a model, laid out on disk once so that all processes map the same pages."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from engine.ground.arrays import Codes, Ids, Offsets, Times
from engine.ground.histories import Histories, offsets_of
from engine.ground.vocabulary import factorise, lookup
from engine.serving import artifacts
from personalize_server.answers.inference import Inference
from personalize_server.answers.inference_plan import InferencePlan
from personalize_server.answers.newcomer_files import codes_of, load_newcomers, store_newcomers, unknown_ids
from personalize_server.answers.refreshing import refreshed_model
from personalize_server.data import attribute_columns
from personalize_server.data.attribute_columns import Attributes, mapped
from personalize_server.data.attribute_table import AttributeTable
from personalize_server.data.columns import Part
from personalize_server.data.impressions import impressions_of
from personalize_server.data.interaction_table import InteractionTable, used_rows
from personalize_server.data.numbers import MISSING_LONG
from personalize_server.data.parts import Sources
from personalize_server.data.window import Window
from personalize_server.disk.models import MODEL_FILE, load_model
from personalize_server.facts.recipes import RECIPES, Recipe
from personalize_server.filters.applying import FilterData

_ABOUT = "image.json"


def build(plan: InferencePlan, sources: Sources, folder: Path) -> None:
    """The image of a version and of its group's data as they are now, in a new folder.

    Data that are replaced meanwhile may be gone from the disk at any moment, so they are read first.
    """
    folder.mkdir(parents=True)
    table = InteractionTable.read(sources.interactions)
    users = _all_users(table, sources.users)
    about_users = AttributeTable.read(sources.users, "USER_ID", users)
    model = load_model(plan.model)
    refreshed = refreshed_model(plan, model, table, sources.items)
    if refreshed is not None:
        model = refreshed
        artifacts.save(model, folder / MODEL_FILE)
    mask, weights = used_rows(table, plan.solution)
    histories = _by_row(table.pairs(mask, model.item_ids, weights), table, users)
    new = unknown_ids(sources.items, model.item_ids)
    items = AttributeTable.read(sources.items, "ITEM_ID", np.concatenate([model.item_ids, new]))
    codes = codes_of(model.item_ids, new, table.item_ids)
    window = Window.of(table, codes, len(items.ids), newest=plan.quotas.filter_window)
    arrays = {
        "user_ids": users,
        "trained": lookup(model.user_ids, users),
        "history_offsets": histories.offsets,
        "history_items": histories.items,
        "history_weights": histories.weights,
        "window_offsets": _offsets_by_row(window.offsets, table, users),
        "window_items": window.items,
        "window_types": window.types,
        "item_since": _item_since(table, items, codes),
    }
    if _recipe(plan).explores:
        shown = [impressions_of(sources.interactions, ids) for ids in (model.item_ids, new)]
        arrays["impressions"] = np.concatenate(shown)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    store_newcomers(plan, sources.items, model.item_ids, new, folder)
    attribute_columns.store(items, folder / "items")
    attribute_columns.store(about_users, folder / "users")
    newest = int(table.times.max(initial=0))
    about = {"type_names": table.type_names.tolist(), "newest": newest, "until": dict(sources.until)}
    (folder / _ABOUT).write_text(json.dumps(about))


def load(plan: InferencePlan, folder: Path, *, verify: bool = False) -> Inference:
    """Without `verify` milliseconds: nothing is read but what is asked for.

    verify: whether the trained model is looked at as a whole. Raises: Damaged, if it is not what was written.
    """
    own = (folder / MODEL_FILE).exists()
    model = load_model(folder if own else plan.model, verify=verify and not own)
    about = about_image(folder)
    arrays: dict[str, Any] = {path.stem: mapped(path) for path in folder.glob("*.npy")}
    window = Window(
        arrays["window_offsets"], arrays["window_items"], arrays["window_types"], tuple(about["type_names"])
    )
    items, users = Attributes.load(folder / "items"), Attributes.load(folder / "users")
    since, known = arrays["item_since"], len(model.item_ids)
    return Inference(
        model=model,
        recipe=_recipe(plan),
        user_ids=arrays["user_ids"],
        trained=arrays["trained"],
        histories=Histories(arrays["history_offsets"], arrays["history_items"], arrays["history_weights"]),
        filters=FilterData(len(since), items, users, window),
        item_since=since[:known],
        newest=about["newest"],
        newcomers=load_newcomers(plan, folder, since[known:], known),
        impressions=arrays.get("impressions"),
    )


def about_image(folder: Path) -> Mapping[str, Any]:
    """What it was made of: `newest` interaction, epoch seconds, and `until` of its Sources, among others."""
    about: Mapping[str, Any] = json.loads((folder / _ABOUT).read_text())
    return about


def _recipe(plan: InferencePlan) -> Recipe:
    recipe = RECIPES[plan.solution["recipeArn"]]
    young = recipe.explores_young or plan.solution.get("explores", False)
    return replace(recipe, explores_young=young)


def _all_users(table: InteractionTable, folders: Sequence[Path]) -> Ids:
    """Those with interactions and those with metadata, in order."""
    named = [word for folder in folders for word in Part(folder).vocabulary("USER_ID")]
    if not named:
        return table.user_ids
    users, _ = factorise([*table.user_ids.tolist(), *named])
    return users


def _item_since(table: InteractionTable, items: AttributeTable, codes: Codes) -> Times:
    """CREATION_TIMESTAMP, else the oldest interaction, else as if it were made with the newest one.

    `codes` are those of the table's items.
    """
    since = np.full(len(items.ids), table.times.max(initial=0), np.int64)
    codes = codes[table.items]
    np.minimum.at(since, codes[codes >= 0], table.times[codes >= 0])
    created = items.longs("CREATION_TIMESTAMP")
    return np.where(created == MISSING_LONG, since, created)


def _by_row(histories: Histories, table: InteractionTable, users: Ids) -> Histories:
    """Users without interactions get empty rows; the entries stay where they are."""
    offsets = _offsets_by_row(histories.offsets, table, users)
    return Histories(offsets, histories.items, histories.weights)


def _offsets_by_row(offsets: Offsets, table: InteractionTable, users: Ids) -> Offsets:
    lengths = np.zeros(len(users), np.int64)
    rows: Codes = lookup(users, table.user_ids)
    lengths[rows] = offsets[1:] - offsets[:-1]
    return offsets_of(lengths)
