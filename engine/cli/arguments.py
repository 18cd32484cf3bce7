"""Options that several commands share."""

import argparse
import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.data import loading
from engine.data.training_data import TrainingData
from engine.fitting import configs
from engine.fitting.configs import AnyConfig
from engine.ground.errors import ConfigError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def data_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--interactions", type=Path, required=True, metavar="FILE", help="CSV, Parquet or Arrow with events"
    )
    command.add_argument("--items", type=Path, metavar="FILE", help="item metadata (ITEM_ID, ...)")
    command.add_argument("--users", type=Path, metavar="FILE", help="user metadata (USER_ID, ...)")
    command.add_argument(
        "--event-weight",
        action="append",
        default=[],
        metavar="TYPE=WEIGHT",
        help="count only events of these types, so much each; can be given several times",
    )
    command.add_argument("--least-value", type=float, metavar="X", help="only events of EVENT_VALUE >= X")
    command.add_argument(
        "--text", action="append", default=[], metavar="COLUMN", help="a metadata column of free text"
    )
    command.add_argument(
        "--own-items",
        action="store_true",
        help="items come again: learn from all events, lists may hold what people have",
    )
    command.set_defaults(context=[])


def context_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--context",
        action="append",
        default=[],
        metavar="COLUMN",
        help="a column of the events that tells their circumstances, such as the device",
    )


def count(text: str) -> int:
    """A whole number, at least 0.

    Raises: argparse.ArgumentTypeError, of which argparse makes a wrong usage.
    """
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"must be a whole number of at least 0, got {text!r}")
    return int(text)


def positive(text: str) -> int:
    """A whole number above 0. Raises: argparse.ArgumentTypeError, for anything else."""
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"must be a whole number above 0, got {text!r}")
    return int(text)


def seconds(text: str) -> float:
    """A number of seconds above 0. Raises: argparse.ArgumentTypeError, for anything else."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"must be a number of seconds above 0, got {text!r}")
    return value


def read_data(options: argparse.Namespace) -> TrainingData:
    data = loading.load(
        options.interactions,
        items=options.items,
        users=options.users,
        event_weights=_weights(options.event_weight),
        least_value=options.least_value,
        text=[name.upper() for name in options.text],
        contexts=[name.upper() for name in options.context],
    )
    return replace(data, own_items=options.own_items)


def chosen_config(text: str) -> AnyConfig:
    """An algorithm's name, or the path of a configuration file."""
    return configs.load(Path(text)) if text.endswith(".json") else configs.default(text)


def _weights(pairs: list[str]) -> dict[str, float] | None:
    if not pairs:
        return None
    try:
        weights = {name: float(weight) for name, weight in (pair.rsplit("=", 1) for pair in pairs)}
    except ValueError:
        raise ConfigError(f"--event-weight takes TYPE=WEIGHT, got {' '.join(pairs)}") from None
    if not all(map(math.isfinite, weights.values())):
        raise ConfigError(f"--event-weight takes finite weights, got {' '.join(pairs)}")
    return weights
