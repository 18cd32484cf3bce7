"""A hybrid's settings by Bayesian search (Optuna's TPE) on validation splits, within a time budget."""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from engine.algorithms import MemberConfig, name_of
from engine.errors import ConfigError, EngineError
from engine.evaluation.protocols import Protocol
from engine.models.hybrid import HybridConfig, learn_with_quality
from engine.search_space import suggested
from engine.training import TrainingData

if TYPE_CHECKING:
    import optuna

STUDY = "hybrid"


@dataclass(frozen=True, kw_only=True)
class Task:
    """Training data and one way of holding a part of it back to validate on."""

    data: TrainingData
    validation: Protocol
    seed: int = 0


def tune(
    tasks: Sequence[Task],
    base: HybridConfig,
    *,
    seconds: float,
    trials: int | None = None,
    storage: Path | None = None,
    seed: int = 0,
    progress: Callable[[int, float], None] = lambda done, best: None,
) -> HybridConfig:
    """The hybrid of the best mean NDCG@10 over the tasks; `base` itself is the first trial.

    Its weights, recency and calibration are those learned on the first task. storage: an SQLite file; a
    search that finds one goes on where that ended, and refuses one made for other tasks or members. At
    least one trial is run. Raises ConfigError for no tasks.
    """
    try:
        import optuna
    except ModuleNotFoundError:
        raise EngineError("tuning needs the package optuna (the extra `tune`)") from None
    if not tasks:
        raise ConfigError("tuning needs something to validate on")
    logging.getLogger("optuna").setLevel(logging.WARNING)
    started = monotonic()
    address = None if storage is None else f"sqlite:///{storage}"
    study = optuna.create_study(study_name=STUDY, direction="maximize", storage=address, load_if_exists=True)
    _claim(study, tasks, base, storage)
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials), multivariate=True)
    if not study.trials:
        study.enqueue_trial({})
    fresh = 0
    while fresh == 0 or (monotonic() - started < seconds and (trials is None or fresh < trials)):
        trial = study.ask()
        members = base.members if trial.number == 0 else _drawn(base, trial)
        qualities = [learned_for(task, base, members)[1] for task in tasks]
        trial.set_user_attr("qualities", qualities)
        study.tell(trial, float(np.mean(qualities)))
        fresh += 1
        progress(len(study.trials), study.best_value)
    return learned_for(tasks[0], base, _best(base, study))[0]


def learned_for(
    task: Task, base: HybridConfig, members: tuple[MemberConfig, ...]
) -> tuple[HybridConfig, float]:
    """The blend of these members learned on the task, and its NDCG@10 there."""
    config = replace(base, members=members, weights=None, validation=task.validation, seed=task.seed)
    return learn_with_quality(task.data, config)


def _drawn(base: HybridConfig, trial: "optuna.trial.BaseTrial") -> tuple[MemberConfig, ...]:
    return tuple(suggested(member, trial) for member in base.members)


def _claim(study: "optuna.Study", tasks: Sequence[Task], base: HybridConfig, storage: Path | None) -> None:
    """A stored study belongs to what it was begun with: qualities on other data do not compare."""
    wanted = json.dumps(
        {
            "members": [name_of(member) for member in base.members],
            "tasks": [[task.validation, task.seed, len(task.data.pairs)] for task in tasks],
        }
    )
    begun = study.user_attrs.get("begun with")
    if begun is None:
        study.set_user_attr("begun with", wanted)
    elif begun != wanted:
        raise ConfigError(
            f"{storage} is a search over {begun}, this one would be over {wanted}; give it a file of its own"
        )


def _best(base: HybridConfig, study: "optuna.Study") -> tuple[MemberConfig, ...]:
    import optuna

    if not study.best_trial.params:
        return base.members
    return _drawn(base, optuna.trial.FixedTrial(study.best_trial.params))
