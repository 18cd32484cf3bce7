"""What a version is trained on: its dataset group's data and its solution's settings."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np

from engine.data.contexts import Labels
from engine.data.metadata import Column, Metadata, Numbers, categories, words
from engine.ground.arrays import Ids, Mask
from engine.ground.vocabulary import factorise
from personalize_server.data.attribute_table import AttributeTable
from personalize_server.data.avro_schema import DATASET_TYPES, Field
from personalize_server.data.columns import Part
from personalize_server.data.interaction_table import InteractionTable, joined
from personalize_server.data.numbers import features
from personalize_server.facts.failures import JobFailed
from personalize_server.facts.quotas import Quotas
from personalize_server.facts.recipes import RECIPES, Parameter, Recipe

ID_COLUMNS = {"ITEMS": "ITEM_ID", "USERS": "USER_ID", "ACTIONS": "ACTION_ID"}


@dataclass(frozen=True)
class Dataset:
    """Parts on disk, oldest first, and the schema they are read by."""

    folders: Sequence[Path]
    fields: Sequence[Field]


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """`solution` is what solution_settings gives, `learned` what a version to be refreshed learned."""

    datasets: Mapping[str, Dataset]
    solution: Mapping[str, Any]
    quotas: Quotas
    learned: Mapping[str, Any] | None = None
    trials: Path | None = None
    """where a search keeps what it has tried; None: nowhere"""

    @property
    def about(self) -> str:
        """Tells recipe, settings and data from others."""
        folders = [str(folder) for type_ in sorted(self.datasets) for folder in self._folders(type_)]
        settings = {"recipe": self.recipe.name, "config": self.config, "rows": len(self.table)}
        imported = [folder for folder in folders if "/put/" not in folder]
        return json.dumps({**settings, "parts": imported}, sort_keys=True)

    @property
    def recipe(self) -> Recipe:
        return RECIPES[self.solution["recipeArn"]]

    @property
    def config(self) -> Mapping[str, Any]:
        return dict(self.solution.get("solutionConfig", {}))

    def parameter(self, name: str) -> str:
        """A hyper-parameter of the recipe, or its default."""
        return _chosen(self.config.get("algorithmHyperParameters", {}), self.recipe.parameters, name)

    def feature(self, name: str) -> str:
        """A parameter of the recipe's feature transformation, or its default."""
        return _chosen(self.config.get("featureTransformationParameters", {}), self.recipe.features, name)

    @cached_property
    def table(self) -> InteractionTable:
        return InteractionTable.read(self._folders("INTERACTIONS"))

    @cached_property
    def action_table(self) -> InteractionTable:
        return InteractionTable.read(self._folders("ACTION_INTERACTIONS"), item_column="ACTION_ID")

    def ids(self, type_: str) -> Ids:
        """All ids of an Items, Users or Actions dataset, sorted."""
        parts = [Part(folder) for folder in self._folders(type_)]
        column = ID_COLUMNS[type_]
        distinct, _ = factorise(list(chain.from_iterable(part.vocabulary(column) for part in parts)))
        return distinct

    def attributes(self, type_: str, ids: Ids) -> AttributeTable:
        return AttributeTable.read(self._folders(type_), ID_COLUMNS[type_], ids)

    def metadata(self, type_: str) -> Metadata | None:
        """What training looks at of an Items or Users dataset; None where that is nothing."""
        fields = self.trained_fields(type_)
        ids = self.ids(type_) if fields else np.empty(0, np.str_)
        if not len(ids):
            return None
        table = self.attributes(type_, ids)
        return Metadata(ids, {field.name: _column(table, field) for field in fields})

    def contexts(self, rows: Mask) -> dict[str, Labels]:
        """Categorical columns of the Interactions dataset that are not excluded, for these of its rows."""
        parts = [Part(folder) for folder in self._folders("INTERACTIONS")]
        found = {}
        for field in self.trained_fields("INTERACTIONS"):
            if field.categorical:
                values, codes = joined(parts, field.name)
                found[field.name] = Labels(values, codes[rows])
        return found

    def trained_fields(self, type_: str) -> list[Field]:
        """Numbers, categories and texts less those the solution excludes; other strings are for filters."""
        if type_ not in self.datasets:
            return []
        rules = DATASET_TYPES[type_]
        known = {*rules.required, *rules.known}
        chosen = self.config.get("trainingDataConfig", {})
        excluded = _named(chosen.get("excludedDatasetColumns", {}), type_) or set()
        included = _named(chosen.get("includedDatasetColumns", {}), type_)
        return [
            field
            for field in self.datasets[type_].fields
            if field.name not in known
            and field.name not in excluded
            and (included is None or field.name in included)
            and (field.numeric or field.categorical or field.textual)
        ]

    def _folders(self, type_: str) -> Sequence[Path]:
        return self.datasets[type_].folders if type_ in self.datasets else ()


def _chosen(given: Mapping[str, str], known: Mapping[str, Parameter], name: str) -> str:
    return str(given.get(name, known[name].default))


def _named(columns: Mapping[str, Sequence[str]], type_: str) -> set[str] | None:
    """The columns of this type of dataset, whose name may be in any case."""
    for key, names in columns.items():
        if key.upper().replace("_", "") == type_.replace("_", ""):
            return set(names)
    return None


def _column(table: AttributeTable, field: Field) -> Column:
    if field.numeric:
        return Numbers(features(table.numbers(field.name)))
    cells = table.cells(field.name, range(len(table.ids)))
    return words(cells) if field.textual else categories(cells)


def need(condition: bool, reason: str) -> None:
    """Refuses the training without the condition. Raises: JobFailed, with the reason."""
    if not condition:
        raise JobFailed(f"Create failed. {reason}")
