"""A hybrid's settings by Bayesian search (Optuna's TPE) on the validation split, within a time budget."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from engine.algorithms import MemberConfig
from engine.errors import EngineError
from engine.models.ease import EaseConfig
from engine.models.hybrid import HybridConfig, learn_with_quality
from engine.models.ials import IalsConfig
from engine.models.item_neighbours import ItemNeighboursConfig
from engine.models.pure_svd import PureSvdConfig
from engine.models.transitions import TransitionsConfig
from engine.training import TrainingData

if TYPE_CHECKING:
    import optuna

STUDY = "hybrid"


def tune(
    data: TrainingData,
    base: HybridConfig,
    *,
    seconds: float,
    trials: int | None = None,
    storage: Path | None = None,
    seed: int = 0,
    progress: Callable[[int, float], None] = lambda done, best: None,
) -> HybridConfig:
    """The best hybrid found, weights and calibration included; `base` itself is the first trial.

    storage: an SQLite file; a search that finds one goes on where that ended. At least one trial is run.
    """
    try:
        import optuna
    except ModuleNotFoundError:
        raise EngineError("tuning needs the package optuna (the extra `tune`)") from None
    logging.getLogger("optuna").setLevel(logging.WARNING)
    started = monotonic()
    address = None if storage is None else f"sqlite:///{storage}"
    study = optuna.create_study(study_name=STUDY, direction="maximize", storage=address, load_if_exists=True)
    study.sampler = optuna.samplers.TPESampler(seed=seed + len(study.trials))
    if not study.trials:
        study.enqueue_trial({})
    fresh = 0
    while fresh == 0 or (monotonic() - started < seconds and (trials is None or fresh < trials)):
        trial = study.ask()
        first = trial.number == 0
        members = base.members if first else tuple(suggested(member, trial) for member in base.members)
        _, quality = learn_with_quality(data, replace(base, members=members, weights=None))
        study.tell(trial, quality)
        fresh += 1
        progress(len(study.trials), study.best_value)
    return learn_with_quality(data, replace(base, members=_best(base, study), weights=None))[0]


def suggested(member: MemberConfig, trial: "optuna.trial.BaseTrial") -> MemberConfig:
    """The member with the settings that matter most drawn from a range around sensible ones."""
    match member:
        case EaseConfig():
            regularisation = trial.suggest_float("ease.regularisation", 10, 5000, log=True)
            return replace(
                member, regularisation=regularisation, dropout=trial.suggest_float("ease.dropout", 0, 0.8)
            )
        case IalsConfig():
            return replace(
                member,
                regularisation=trial.suggest_float("ials.regularisation", 1, 200, log=True),
                alpha=trial.suggest_float("ials.alpha", 0.5, 20, log=True),
                factors=trial.suggest_categorical("ials.factors", [32, 64, 128]),
            )
        case PureSvdConfig():
            return replace(member, factors=trial.suggest_int("svd.factors", 8, 128, log=True))
        case ItemNeighboursConfig():
            return replace(
                member,
                neighbours=trial.suggest_int("item-neighbours.neighbours", 20, 400, log=True),
                shrinkage=trial.suggest_float("item-neighbours.shrinkage", 0, 100),
                asymmetry=trial.suggest_float("item-neighbours.asymmetry", 0.3, 0.9),
            )
        case TransitionsConfig():
            return replace(
                member,
                window=trial.suggest_int("transitions.window", 1, 20, log=True),
                popularity_power=trial.suggest_float("transitions.popularity_power", 0, 0.7),
            )
        case _:
            return member


def _best(base: HybridConfig, study: "optuna.Study") -> tuple[MemberConfig, ...]:
    import optuna

    if not study.best_trial.params:
        return base.members
    fixed = optuna.trial.FixedTrial(study.best_trial.params)
    return tuple(suggested(member, fixed) for member in base.members)
