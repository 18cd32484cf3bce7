"""The next best action, of the Actions dataset and what users did with actions and items."""

import numpy as np

from engine.data.interactions import Interactions
from engine.ground.arrays import Floats, Ids, Mask
from engine.ground.errors import DataError
from engine.ground.histories import Histories
from engine.ground.vocabulary import lookup
from engine.models import propensity
from engine.models.propensity import ActionEvents, PropensityConfig, Samples, chances, samples_of
from personalize_server.data.interaction_table import InteractionTable
from personalize_server.training.inputs import Inputs, need
from personalize_server.training.trained import Trained

AREA = "area_under_the_curve"
_TAKEN = "TAKEN"
_HELD_BACK = 0.1
_SEED = 20260101


def train_actions(inputs: Inputs) -> Trained:
    need("ACTIONS" in inputs.datasets, f"The recipe {inputs.recipe.name} needs an Actions dataset.")
    action_ids = inputs.ids("ACTIONS")
    need(len(action_ids) > 0, "The Actions dataset is empty.")
    table = inputs.action_table
    action_ids = considered(action_ids, table, inputs.quotas.training_actions)
    events = _events(table, action_ids, inputs)
    touched = _interactions(inputs, events)
    config = PropensityConfig(
        period_days=float(inputs.feature("action_optimization_period")),
        least=inputs.quotas.training_action_interactions,
    )
    samples = samples_of(events, config)
    metrics = _metrics(touched, events, samples, config)
    return Trained(propensity.fit(touched, events, samples, config), metrics)


def considered(action_ids: Ids, table: InteractionTable, most: int) -> Ids:
    """At most so many, in order: those without interactions before those with the newest ones."""
    if len(action_ids) <= most:
        return action_ids
    newest = np.full(len(action_ids), np.iinfo(np.int64).max)
    codes = lookup(action_ids, table.item_ids)[table.items]
    known = codes >= 0
    newest[codes[known]] = 0
    np.maximum.at(newest, codes[known], table.times[known])
    kept: Ids = action_ids[np.sort(np.argsort(-newest, kind="stable")[:most])]
    return kept


def is_taken(event_type: str) -> bool:
    return event_type.upper().replace(" ", "_") == _TAKEN


def _events(table: InteractionTable, action_ids: Ids, inputs: Inputs) -> ActionEvents:
    """Users of actions and of items are known; events of actions that are no more are left out."""
    user_ids = np.union1d(table.user_ids, inputs.table.user_ids)
    codes = lookup(action_ids, table.item_ids)[table.items]
    kept = codes >= 0
    positive = np.array([*map(is_taken, table.type_names.tolist()), False])
    users = lookup(user_ids, table.user_ids)[table.users]
    return ActionEvents(
        user_ids,
        action_ids,
        users[kept].astype(np.int32),
        codes[kept].astype(np.int32),
        table.times[kept],
        positive[table.types[kept]],
    )


def _interactions(inputs: Inputs, events: ActionEvents) -> Interactions:
    table = inputs.table
    users = lookup(events.user_ids, table.user_ids)[table.users]
    ones = np.ones(len(table), np.float32)
    return Interactions(events.user_ids, table.item_ids, users, table.items, table.times, ones)


def _metrics(
    touched: Interactions, events: ActionEvents, samples: Samples, config: PropensityConfig
) -> dict[str, float]:
    """Of a tenth of the users, left out of the training: the area under the precision-recall curve."""
    tested = np.random.default_rng(_SEED).random(len(events.user_ids)) < _HELD_BACK
    held = tested[samples.users]
    if not samples.taken[held].any():
        return {AREA: 0.0}
    try:
        model = propensity.fit(touched, events, samples.where(~held), config)
    except DataError:
        return {AREA: 0.0}
    test = samples.where(held)
    scores = chances(model, test, Histories.empty(len(events.user_ids)))
    return {AREA: average_precision(scores, test.taken)}


def average_precision(scores: Floats, good: Mask) -> float:
    """The area under the precision-recall curve, step by step."""
    order = np.argsort(-scores, kind="stable")
    hits = good[order]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean())
