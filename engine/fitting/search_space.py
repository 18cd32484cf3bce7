"""Where a search may look: the settings of each member that matter most, with ranges around sensible ones."""

from dataclasses import replace
from typing import TYPE_CHECKING

from engine.fitting.algorithms import MemberConfig
from engine.models.content import ContentConfig
from engine.models.ease import EaseConfig
from engine.models.ials import IalsConfig
from engine.models.item_neighbours import ItemNeighboursConfig
from engine.models.pure_svd import PureSvdConfig
from engine.models.transitions import TransitionsConfig

if TYPE_CHECKING:
    from optuna.trial import BaseTrial


def suggested(member: MemberConfig, trial: "BaseTrial") -> MemberConfig:
    """The member with settings drawn by the trial; one without a range here stays as it is."""
    match member:
        case EaseConfig():
            return replace(
                member,
                regularisation=None,
                strength=trial.suggest_float("ease.strength", 3, 150, log=True),
                dropout=trial.suggest_float("ease.dropout", 0, 0.8),
            )
        case IalsConfig():
            return replace(
                member,
                regularisation=trial.suggest_float("ials.regularisation", 1, 200, log=True),
                alpha=trial.suggest_float("ials.alpha", 0.5, 20, log=True),
                factors=trial.suggest_categorical("ials.factors", [32, 48, 64, 96]),
                sweeps=trial.suggest_int("ials.sweeps", 2, 8),
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
                shrinkage=trial.suggest_float("transitions.shrinkage", 1, 100, log=True),
                popularity_power=trial.suggest_float("transitions.popularity_power", 0, 0.7),
            )
        case ContentConfig():
            return replace(member, neighbours=trial.suggest_int("content.neighbours", 20, 800, log=True))
        case _:
            return member
