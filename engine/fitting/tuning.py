"""A hybrid's settings by Bayesian search (Optuna's TPE) on validation splits, within a time budget."""

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.data.metadata import Numbers
from engine.data.training_data import TrainingData
from engine.evaluation.protocols import Protocol
from engine.fitting.algorithms import MemberConfig
from engine.fitting.configs import plain
from engine.fitting.hybrid import HybridConfig, learn, learn_with_quality
from engine.fitting.search_space import suggested
from engine.ground.errors import ConfigError, EngineError

if TYPE_CHECKING:
    import optuna

STUDY = "hybrid"
BASE = "base"
"""marks the trial of the settings that the search began with"""


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
    search that finds one goes on where that ended, and refuses one begun with other data, validation or
    settings. At least one trial is run. Raises: ConfigError, for no tasks or a search begun with others;
    EngineError, without optuna and for a file that cannot be used.
    """
    try:
        import optuna
    except ModuleNotFoundError:
        raise EngineError("tuning needs the package optuna (the extra `tune`)") from None
    if not tasks:
        raise ConfigError("tuning needs something to validate on")
    logging.getLogger("optuna").setLevel(logging.WARNING)
    started = monotonic()
    study = _opened(storage)
    _claim(study, tasks, base, storage)
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials), multivariate=True)
    _take_up(study)
    fresh = 0
    while fresh == 0 or (monotonic() - started < seconds and (trials is None or fresh < trials)):
        trial = study.ask()
        members = base.members if BASE in trial.user_attrs else _drawn(base, trial)
        qualities = [learned_for(task, base, members)[1] for task in tasks]
        trial.set_user_attr("qualities", qualities)
        study.tell(trial, float(np.mean(qualities)))
        fresh += 1
        progress(len(study.trials), study.best_value)
    return learn(tasks[0].data, _posed(tasks[0], base, _best(base, study)))


def learned_for(
    task: Task, base: HybridConfig, members: tuple[MemberConfig, ...]
) -> tuple[HybridConfig, float]:
    """The blend of these members learned on the task, and its NDCG@10 there."""
    return learn_with_quality(task.data, _posed(task, base, members))


def _posed(task: Task, base: HybridConfig, members: tuple[MemberConfig, ...]) -> HybridConfig:
    return replace(base, members=members, weights=None, validation=task.validation, seed=task.seed)


def _drawn(base: HybridConfig, trial: "optuna.trial.BaseTrial") -> tuple[MemberConfig, ...]:
    return tuple(suggested(member, trial) for member in base.members)


def _claim(study: "optuna.Study", tasks: Sequence[Task], base: HybridConfig, storage: Path | None) -> None:
    """A stored study belongs to what it was begun with: qualities on other data do not compare."""
    data = {id(task.data): task.data for task in tasks}
    checksums = {key: _checksum(one) for key, one in data.items()}
    learned: dict[str, Any] = {"weights": None, "calibration": None, "contexts": (), "newcomers": ()}
    wanted = {
        "settings": plain(replace(base, **learned, validation="user-time", seed=0)),  # each task has its own
        "validation": [[task.validation, task.seed] for task in tasks],
        "data": [checksums[id(task.data)] for task in tasks],
    }
    begun = json.loads(study.user_attrs.get("begun with", "null"))
    if begun is None:
        study.set_user_attr("begun with", json.dumps(wanted))
    elif other := [name for name, value in wanted.items() if begun.get(name) != value]:
        raise ConfigError(
            f"{storage} is a search of other {' and '.join(other)}: what it measured does not compare; "
            "give this one a file of its own"
        )


def _take_up(study: "optuna.Study") -> None:
    """Ends trials of a search that was stopped; the base is tried next unless it has been."""
    from optuna.trial import TrialState

    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    tried = study.get_trials(states=(TrialState.COMPLETE, TrialState.WAITING))
    if not any(BASE in trial.user_attrs for trial in tried):
        study.enqueue_trial({}, user_attrs={BASE: True})


def _opened(storage: Path | None) -> "optuna.Study":
    import optuna
    from sqlalchemy import URL, NullPool
    from sqlalchemy.exc import SQLAlchemyError

    kept = None
    if storage is not None:
        if not storage.absolute().parent.is_dir():
            raise EngineError(f"the search cannot be kept in {storage}: there is no folder {storage.parent}")
    try:
        if storage is not None:
            address = URL.create("sqlite", database=str(storage)).render_as_string()
            # Whoever keeps connections has to close them, and a study has no end.
            kept = optuna.storages.RDBStorage(address, engine_kwargs={"poolclass": NullPool})
        return optuna.create_study(study_name=STUDY, direction="maximize", storage=kept, load_if_exists=True)
    except SQLAlchemyError as problem:
        reason = getattr(problem, "orig", None) or problem
        raise EngineError(f"the search cannot be kept in {storage}, an SQLite file: {reason}") from None


def _checksum(data: TrainingData) -> str:
    """Of all that a member learns from: the pairs, and what is known of items and users."""
    pairs = data.sequence if data.own_items else data.pairs
    arrays: list[Any] = [pairs.user_ids, pairs.item_ids, pairs.users, pairs.items, pairs.times, pairs.weights]
    for table in (data.items, data.users):
        for name, column in sorted(table.columns.items() if table is not None else ()):
            arrays += [np.array(name), column.values]
            if not isinstance(column, Numbers):
                arrays += [column.codes.offsets, column.codes.items, column.codes.weights]
    found = hashlib.sha256()
    for array in arrays:
        found.update(f"{array.dtype} {array.shape}".encode())
        found.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return found.hexdigest()[:16]


def _best(base: HybridConfig, study: "optuna.Study") -> tuple[MemberConfig, ...]:
    import optuna

    if BASE in study.best_trial.user_attrs:
        return base.members
    return _drawn(base, optuna.trial.FixedTrial(study.best_trial.params))
