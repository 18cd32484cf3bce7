"""User personalisation and personalised ranking: EASE blended with other models, the weights learned.

Without recency all events of a history count alike, and what came last says nothing of what is next.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.data.training_data import TrainingData
from engine.fitting import hybrid
from engine.fitting.algorithms import MemberConfig
from engine.fitting.configs import parsed, plain
from engine.fitting.hybrid import HybridConfig
from engine.ground.arrays import Floats
from engine.ground.ranking import standings
from engine.models.content import ContentConfig
from engine.models.ease import EaseConfig
from engine.models.popularity import PopularityConfig
from engine.models.pure_svd import PureSvdConfig
from engine.models.transitions import TransitionsConfig
from engine.scorers.objective import ObjectiveScorer
from engine.scorers.popularity import PopularityScorer
from engine.serving.trained_model import Model
from personalize_server.data.numbers import features
from personalize_server.training.events import training_rows, weighted_types
from personalize_server.training.hpo import search, wanted
from personalize_server.training.inputs import Inputs, need
from personalize_server.training.quality import offline_metrics
from personalize_server.training.trained import Trained

SENSITIVITIES: Mapping[str, float] = {"OFF": 0.0, "LOW": 0.25, "MEDIUM": 0.5, "HIGH": 1.0}
"""weights of the objective, in spreads of relevance; the service does not document its own"""
_log = logging.getLogger(__name__)


def train(inputs: Inputs) -> Trained:
    data = _data(inputs)
    values = {name: inputs.parameter(name) for name in inputs.recipe.parameters}
    tuned: Mapping[str, str] = {}
    rewards = _rewards(inputs, data)
    if wanted(inputs):
        tuned = search(
            inputs,
            values,
            lambda trial, seed: offline_metrics(
                data, _fit(inputs, _config(inputs, trial, data)), rewards=rewards, seed=seed
            ),
        )
        values = {**values, **tuned}
    config = _config(inputs, values, data)
    if inputs.learned is None:
        config = hybrid.learn(data, config)
        _log.info("blend learned", extra={"weights": config.weights, "contexts": plain(config.contexts)})
    else:
        config = _known(config, inputs.learned)
    fit = _fit(inputs, config)
    metrics = offline_metrics(data, fit, weighted=weighted_types(inputs.solution), rewards=rewards)
    _log.info("evaluated", extra={"metrics": metrics})
    model = _aimed(hybrid.fit(data, config), inputs, data)
    return Trained(model, metrics, {"hybrid": plain(config)}, tuned)


class _fit:
    """Trains a blend with its weights, if it has them."""

    def __init__(self, inputs: Inputs, config: HybridConfig) -> None:
        self._inputs, self._config = inputs, config

    def __call__(self, data: TrainingData) -> Model:
        return _aimed(hybrid.fit(data, self._config), self._inputs, data)


def _data(inputs: Inputs) -> TrainingData:
    """Items that nobody has touched yet are known by their metadata, where there is room and use for them."""
    events, rows = training_rows(inputs)
    if inputs.recipe.name == "aws-hrnn":
        return TrainingData(events)
    items, users = inputs.metadata("ITEMS"), inputs.metadata("USERS")
    contexts = inputs.contexts(rows)
    whole = TrainingData.of(events, items, users, contexts)
    ranking = inputs.recipe.type == "PERSONALIZED_RANKING"
    if items and (ranking or len(whole.interactions.item_ids) > EaseConfig().max_items):
        whole = TrainingData.of(events, items.aligned(events.item_ids), users, contexts)
    return whole


def _config(inputs: Inputs, values: Mapping[str, str], data: TrainingData) -> HybridConfig:
    recent = values.get("apply_recency_bias", values.get("recency_mask", "true")).lower() == "true"
    members = [EaseConfig() if recent else EaseConfig(recency=None)]
    transitions = TransitionsConfig()
    more: list[MemberConfig] = []
    if "hidden_dimension" in values:
        more.append(PureSvdConfig(factors=round(float(values["hidden_dimension"]))))
        transitions = TransitionsConfig(window=round(float(values["bptt"])))
    if data.items is not None and data.items.columns:
        more.append(ContentConfig())
    if not recent:
        return HybridConfig(members=(*members, *more), half_lives=(None,))
    return HybridConfig(members=(*members, transitions, PopularityConfig(), *more))


def _known(config: HybridConfig, learned: Mapping[str, object]) -> HybridConfig:
    """The blend of the version that is refreshed, without members that this data cannot train any more."""
    before = parsed(learned["hybrid"], "the version to be updated")
    assert isinstance(before, HybridConfig) and before.weights is not None
    kinds = {type(member) for member in config.members}
    kept = [at for at, member in enumerate(before.members) if type(member) in kinds]
    need(bool(kept), "Nothing that the version trained in the mode FULL has learned fits this data.")
    return replace(
        before,
        members=tuple(before.members[at] for at in kept),
        weights=tuple(before.weights[at] for at in kept),
    )


def _aimed(model: Model, inputs: Inputs, data: TrainingData) -> Model:
    """With the solution's objective, where it has one."""
    objective = inputs.config.get("optimizationObjective", {})
    strength = SENSITIVITIES[objective.get("objectiveSensitivity", "MEDIUM")]
    rewards = _rewards(inputs, data)
    if rewards is None or strength == 0:
        return model
    aims = standings(rewards).astype(np.float32)
    cold = model.cold or PopularityScorer(model.memory.popularity)
    return replace(
        model,
        scorer=ObjectiveScorer(model.scorer, aims, strength),
        cold=ObjectiveScorer(cold, aims, strength),
    )


def _rewards(inputs: Inputs, data: TrainingData) -> Floats | None:
    """Per item the attribute of the solution's objective, 0 where it has none."""
    attribute = inputs.config.get("optimizationObjective", {}).get("itemAttribute")
    if attribute is None:
        return None
    table = inputs.attributes("ITEMS", data.interactions.item_ids)
    need(table.is_number(attribute), f"The Items dataset has no numerical data for {attribute}.")
    return features(np.nan_to_num(table.numbers(attribute)).clip(min=0))
