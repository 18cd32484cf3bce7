"""Batch segments: files of items or attributes in, files of users out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from engine.ground.arrays import Codes, Mask
from engine.ground.ranking import EXCLUDED, top
from engine.ground.vocabulary import lookup
from engine.serving.trained_model import Model
from personalize_server.data.attribute_columns import Attributes
from personalize_server.data.avro_schema import Field
from personalize_server.data.interaction_table import InteractionTable
from personalize_server.filters.checking import check_filter
from personalize_server.filters.grammar import Filter, FilterError, Rule
from personalize_server.filters.parser import parse_values
from personalize_server.filters.tables import event_test, rows_meant
from personalize_server.filters.values import ParameterMissing, Values
from personalize_server.jobs.segment_lines import Wish, parse_wish, segment_line, wish_error
from personalize_server.training.segments import scorer_of


@dataclass(frozen=True, kw_only=True)
class Segments:
    """What one job asks of a model; users deleted since the training are in no segment."""

    model: Model
    by_attributes: bool
    results: int
    item_fields: Sequence[Field]
    table: InteractionTable
    items: Attributes
    """by the model's items"""
    users: Attributes
    """by the table's users"""
    window: int
    """newest interactions per user and event type that a filter sees"""
    filter_: Filter | None = None

    def line(self, wish: Wish) -> str:
        """The output's line for one of the input. Raises: FilterError, if the wish cannot be met."""
        try:
            if wish.problem is not None:
                raise FilterError(wish.problem)
            return segment_line(wish, self._users(self._items(wish), wish))
        except FilterError as problem:
            return wish_error(wish, str(problem))

    def _items(self, wish: Wish) -> Codes:
        """As positions in the model; at least one."""
        if wish.attributes is None:
            codes = lookup(self.model.item_ids, [wish.item_id or ""])
            if codes[0] < 0:
                raise FilterError(f"the item {wish.item_id} was not in the data of the training.")
            return codes
        check_filter(wish.attributes, {"ITEMS": self.item_fields})
        found = np.flatnonzero(rows_meant(self.items, len(self.model.item_ids), wish.attributes.rules[0], {}))
        if not len(found):
            raise FilterError("no item of the training has these attributes.")
        return found.astype(np.int32)

    def _users(self, items: Codes, wish: Wish) -> list[str]:
        """Best first."""
        trained = lookup(self.model.user_ids, self.table.user_ids)
        affinities = np.append(scorer_of(self.model).affinities(items), EXCLUDED)
        scores = affinities[trained].astype(np.float32)
        if self.filter_ is not None:
            scores[~self._allowed(self.filter_, dict(wish.parameters))] = EXCLUDED
        users, values = top(scores[None, :], self.results)
        names: list[str] = self.table.user_ids[users[0][values[0] > EXCLUDED]].tolist()
        return names

    def _allowed(self, filter_: Filter, parameters: Mapping[str, str]) -> Mask:
        values = {name: parse_values(text) for name, text in parameters.items()}
        included = np.zeros(len(self.table.user_ids), np.bool_)
        excluded = included.copy()
        for rule in filter_.rules:
            try:
                meant = self._meant(rule, values)
            except ParameterMissing:
                if rule.include:
                    raise
                continue
            if rule.include:
                included |= meant
            else:
                excluded |= meant
        if not any(rule.include for rule in filter_.rules):
            included[:] = True
        return included & ~excluded

    def _meant(self, rule: Rule, values: Values) -> Mask:
        if rule.dataset == "USERS":
            return rows_meant(self.users, len(self.table.user_ids), rule, values)
        if rule.dataset != "INTERACTIONS":
            raise FilterError(f"A filter by {rule.dataset} does not fit user segments.")
        test = event_test(rule, values)
        good = np.array([*(test(str(name)) for name in self.table.type_names), test("")])
        meant = np.zeros(len(self.table.user_ids), np.bool_)
        meant[self.table.users[good[self.table.types] & self._seen]] = True
        return meant

    @cached_property
    def _seen(self) -> Mask:
        return self.table.newest(self.window)


def segment_file(segments: Segments, lines: Iterable[bytes], target: Path) -> int:
    """Writes the output of one input file; the number of lines."""
    done = 0
    with target.open("w", encoding="utf-8", newline="") as file:
        for line in lines:
            file.write(segments.line(parse_wish(line, by_attributes=segments.by_attributes)))
            done += 1
    return done
