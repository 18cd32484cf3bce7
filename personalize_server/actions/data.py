"""A model of actions with the data of its dataset group: chances, what may be shown, filters."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.ground.arrays import Codes, Floats, Ids, Mask
from engine.ground.histories import Histories
from engine.ground.vocabulary import factorise, lookup
from engine.scorers.propensity import REFUSED, TAKEN
from engine.serving.trained_model import Model
from personalize_server.actions import events
from personalize_server.actions.events import ActionEvents, Seen
from personalize_server.answers.inference_plan import InferencePlan
from personalize_server.data import attribute_columns
from personalize_server.data.attribute_columns import Attributes, Numbers, mapped
from personalize_server.data.attribute_table import AttributeTable
from personalize_server.data.columns import Part
from personalize_server.data.interaction_table import InteractionTable
from personalize_server.data.numbers import floats
from personalize_server.data.parts import parts_of
from personalize_server.disk.models import load_model
from personalize_server.filters.applying import Parameters
from personalize_server.filters.grammar import Filter, FilterError, Rule
from personalize_server.filters.parser import parse_values
from personalize_server.filters.tables import event_test, meets, rows_meant
from personalize_server.filters.values import ParameterMissing, Values
from personalize_server.training.actions import is_taken

DAY = 86_400


@dataclass(frozen=True)
class ActionData:
    model: Model
    ids: Ids
    """of all actions, in order: the model's, and those that have come since its training"""
    trained: Codes
    """of each action among the model's, -1 where it does not know the action"""
    events: ActionEvents
    actions: Attributes
    """by action"""
    users: Attributes
    """by the events' users"""

    @classmethod
    def load(cls, plan: InferencePlan, folder: Path) -> "ActionData":
        """Milliseconds: nothing is read but what is asked for."""
        return cls(
            load_model(plan.model),
            mapped(folder / "ids.npy"),
            mapped(folder / "trained.npy"),
            ActionEvents.load(folder / "events"),
            Attributes.load(folder / "actions"),
            Attributes.load(folder / "users"),
        )

    def seen(self, user: str, newer: Iterable[Mapping[str, str]]) -> list[Seen]:
        """All of the user's action interactions, of the data and since; some may come twice."""
        found = self.events.of(user)
        for cells in newer:
            [code] = lookup(self.ids, [cells["ACTION_ID"]]).tolist()
            found.append(Seen(code, cells.get("EVENT_TYPE", ""), float(cells["TIMESTAMP"])))
        return [entry for entry in found if entry.action >= 0]

    def chances(self, user: str, seen: Iterable[Seen]) -> Floats:
        """Per action: how likely the user takes it; 0 where too little is known of the action."""
        signs: dict[int, np.float32] = {}
        for entry in seen:
            code = int(self.trained[entry.action])
            if code >= 0 and is_taken(entry.kind):
                signs[code] = TAKEN
            elif code >= 0:
                signs.setdefault(code, REFUSED)
        history = Histories(
            np.array([0, len(signs)]),
            np.fromiter(signs, np.int32, len(signs)),
            np.fromiter(signs.values(), np.float32, len(signs)),
        )
        scores: Floats = self.model.scorer.scores(history, lookup(self.model.user_ids, [user]))[0]
        return np.where(self.trained >= 0, scores[self.trained], np.float32(0))

    def allowed(self, seen: Iterable[Seen], now: float) -> Mask:
        """Neither expired nor, for this user, too soon to be repeated."""
        last = np.full(len(self.ids), -np.inf)
        for entry in seen:
            last[entry.action] = max(last[entry.action], entry.time)
        expired = self._numbers("EXPIRATION_TIMESTAMP") <= now
        waiting = last > now - self._numbers("REPEAT_FREQUENCY") * DAY
        return np.asarray(~(expired | waiting))

    def new(self, cut_off_days: float) -> Mask:
        """Actions made no longer before the newest event than that, or nobody knows when."""
        return ~(self._numbers("CREATION_TIMESTAMP") < self.events.newest - cut_off_days * DAY)

    def order(self, chances: Floats) -> list[int]:
        """By falling chance, of equally likely ones the more valuable first."""
        values = np.nan_to_num(self._numbers("VALUE"))
        return [int(action) for action in np.lexsort((-values, -chances))]

    def filtered(self, filter_: Filter, parameters: Parameters, user: str, seen: Iterable[Seen]) -> Mask:
        """The actions that a filter lets through."""
        values = {name: parse_values(text) for name, text in parameters}
        row = self.events.row(user)
        included = np.zeros(len(self.ids), np.bool_)
        excluded, restricted = included.copy(), False
        for rule in filter_.rules:
            try:
                applies = all(
                    row >= 0 and meets(self.users, len(self.events.user_ids), condition, values)[row]
                    for condition in rule.only_if
                )
                meant = self._meant(rule, values, seen)
            except ParameterMissing:
                if rule.include:
                    raise
                continue
            if applies and rule.include:
                included, restricted = included | meant, True
            elif applies:
                excluded = excluded | meant
        return (included | (not restricted)) & ~excluded

    def _meant(self, rule: Rule, values: Values, seen: Iterable[Seen]) -> Mask:
        meant = np.zeros(len(self.ids), np.bool_)
        if rule.dataset == "ACTIONS":
            return rows_meant(self.actions, len(meant), rule, values)
        if rule.dataset == "ACTION_INTERACTIONS":
            test = event_test(rule, values)
            meant[[entry.action for entry in seen if test(entry.kind)]] = True
        else:
            raise FilterError(f"A filter by {rule.dataset} does not fit recommendations of actions.")
        return meant

    def _numbers(self, name: str) -> NDArray[np.float64]:
        """Per action; NaN where the dataset says nothing."""
        column = self.actions.find(name)
        missing = np.full(len(self.ids), np.nan)
        return floats(column.values) if isinstance(column, Numbers) else missing


def build(plan: InferencePlan, scratch: Path) -> None:
    """Lays out in scratch/image what ActionData.load maps; in a process of its own."""
    folder = scratch / "image"
    contents = {
        "actions": plan.actions,
        "action_interactions": plan.action_interactions,
        "users": plan.users,
    }
    parts = {
        name: parts_of(content, plan.state_file, scratch / "put" / name) for name, content in contents.items()
    }
    model = load_model(plan.model)
    table = InteractionTable.read(parts["action_interactions"], item_column="ACTION_ID")
    named = chain.from_iterable(Part(part).vocabulary("ACTION_ID") for part in parts["actions"])
    ids, _ = factorise([*model.item_ids.tolist(), *named])
    folder.mkdir(parents=True)
    np.save(folder / "ids.npy", ids)
    np.save(folder / "trained.npy", lookup(model.item_ids, ids))
    events.store(table, ids, folder / "events")
    attribute_columns.store(AttributeTable.read(parts["actions"], "ACTION_ID", ids), folder / "actions")
    attribute_columns.store(AttributeTable.read(parts["users"], "USER_ID", table.user_ids), folder / "users")
