"""train and tune: from data to a stored model or a chosen configuration."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from engine.cli.arguments import (
    chosen_config,
    context_option,
    count,
    data_options,
    positive,
    read_data,
    seconds,
)
from engine.cli.as_json import add_json, tell
from engine.evaluation.evaluate import HEADLINE
from engine.evaluation.protocols import PROTOCOLS
from engine.fitting import configs, hybrid
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.fitting.tuning import Task, tune
from engine.ground.errors import ConfigError
from engine.serving import artifacts

if TYPE_CHECKING:
    from engine.cli.arguments import Commands


def add_commands(commands: "Commands") -> None:
    train = commands.add_parser("train", help="train a model and store it")
    data_options(train)
    context_option(train)
    train.add_argument("--model", type=Path, required=True, metavar="FILE", help="where to store the model")
    train.add_argument("--algorithm", default="hybrid", metavar="NAME|FILE", help="a name or a config file")
    train.add_argument("--chosen", type=Path, metavar="FILE", help="write the learned configuration here")
    add_json(train)
    train.set_defaults(run=run_train)
    search = commands.add_parser("tune", help="search for a hybrid's settings")
    data_options(search)
    context_option(search)
    search.add_argument(
        "--config", type=Path, required=True, metavar="FILE", help="where to write what is found"
    )
    search.add_argument("--algorithm", default="hybrid", metavar="NAME|FILE", help="the hybrid to start from")
    search.add_argument("--seconds", type=seconds, default=300, help="time budget (default 300)")
    search.add_argument("--trials", type=positive, help="stop after so many trials")
    search.add_argument(
        "--study", type=Path, metavar="FILE", help="SQLite file to keep the trials in; resumes"
    )
    search.add_argument(
        "--validation",
        choices=PROTOCOLS,
        action="append",
        help="how to hold back (default: the hybrid's); several times: the mean of them counts",
    )
    search.add_argument("--repeats", type=positive, default=1, help="so many seeds for each (default 1)")
    search.add_argument("--seed", type=count, default=0)
    add_json(search)
    search.set_defaults(run=run_tune)


def run_train(options: argparse.Namespace) -> None:
    config = chosen_config(options.algorithm)
    with tqdm(total=4, desc="reading", leave=False, disable=None) as bar:
        data = read_data(options)
        _next(bar, "learning")
        if isinstance(config, HybridConfig) and config.weights is None:
            config = hybrid.learn(data, config)
        _next(bar, "training")
        model = fit(data, config)
        _next(bar, "storing")
        artifacts.save(model, options.model)
        bar.update()
    if options.chosen is not None:
        configs.save(config, options.chosen)
    events, (users, items) = len(data.interactions), data.interactions.shape
    if options.json:
        tell({"model": options.model, "events": events, "users": users, "items": items})
    else:
        print(f"{options.model}: {events:,} events, {users:,} users, {items:,} items")


def run_tune(options: argparse.Namespace) -> None:
    """Searches for better settings of a hybrid.

    Raises: ConfigError, for less than one repeat or another algorithm.
    """
    base = chosen_config(options.algorithm)
    if not isinstance(base, HybridConfig):
        raise ConfigError(f"tune works on a hybrid, not on {options.algorithm}")
    if options.repeats < 1:
        raise ConfigError(f"--repeats must be at least 1, got {options.repeats}")
    data = read_data(options).distinct()
    tasks = [
        Task(data=data, validation=validation, seed=options.seed + repeat)
        for validation in options.validation or [base.validation]
        for repeat in range(options.repeats)
    ]
    search = {"trials": 0, HEADLINE: 0.0}
    with tqdm(desc="trials", unit="", disable=None) as bar:

        def progress(done: int, best: float) -> None:
            search.update({"trials": done, HEADLINE: best})
            bar.update()
            bar.set_postfix(best=f"{best:.4f}", all=done)

        found = tune(
            tasks,
            base,
            seconds=options.seconds,
            trials=options.trials,
            storage=options.study,
            seed=options.seed,
            progress=progress,
        )
    configs.save(found, options.config)
    if options.json:
        tell({"config": options.config, "members": len(found.members), **search})
    else:
        print(f"{options.config}: {len(found.members)} members")


def _next(bar: "tqdm[None]", step: str) -> None:
    bar.update()
    bar.set_description(step)
