"""evaluate, compare and bench: what models are worth."""

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tqdm import tqdm

from engine import benchmark
from engine.algorithms import ALGORITHMS
from engine.cli.arguments import chosen_config, data_options, read_data
from engine.configs import AnyConfig
from engine.errors import EngineError
from engine.evaluation.evaluate import Evaluation, evaluate
from engine.evaluation.protocols import PROTOCOLS, split, validation_for
from engine.evaluation.report import differences, table, write_html
from engine.fitting import fit
from engine.models.hybrid import HybridConfig

if TYPE_CHECKING:
    from engine.cli.arguments import Commands


def add_commands(commands: "Commands") -> None:
    judge = commands.add_parser("evaluate", help="all algorithms on a split: a table and an HTML report")
    _options(judge)
    judge.add_argument(
        "--algorithm", action="append", metavar="NAME|FILE", help="only these; can be given several times"
    )
    judge.add_argument("--report", type=Path, default=Path("evaluation.html"), metavar="FILE")
    judge.set_defaults(run=run_evaluate)
    compare = commands.add_parser("compare", help="two models on one split, with a paired test")
    _options(compare)
    compare.add_argument("first", metavar="NAME|FILE")
    compare.add_argument("second", metavar="NAME|FILE")
    compare.set_defaults(run=run_compare)
    bench = commands.add_parser("bench", help="times and memory on generated data")
    bench.add_argument("--users", type=int, default=74_000)
    bench.add_argument("--items", type=int, default=4_182)
    bench.add_argument("--events", type=int, default=1_970_000)
    bench.add_argument("--only", choices=("hybrid", "algorithms"), help="one half of it")
    bench.set_defaults(run=run_bench)


def _options(command: argparse.ArgumentParser) -> None:
    data_options(command)
    command.add_argument("--protocol", choices=PROTOCOLS, default="user-time")
    command.add_argument("--seed", type=int, default=42)


def run_evaluate(options: argparse.Namespace) -> None:
    names = options.algorithm or ["hybrid", *ALGORITHMS]
    found = _evaluated(options, names, skip=options.algorithm is None)
    print(table(found))
    print("\n".join(differences(found)))
    write_html(options.report, f"{options.interactions.name}, {options.protocol}", found)
    print(f"report: {options.report}")


def run_compare(options: argparse.Namespace) -> None:
    found = _evaluated(options, [options.first, options.second], skip=False)
    print(table(found))
    print("\n".join(differences(found)))


def run_bench(options: argparse.Namespace) -> None:
    size = benchmark.Size(options.users, options.items, options.events)
    if options.only != "algorithms":
        print(benchmark.whole_hybrid(size))
    if options.only != "hybrid":
        print(benchmark.each_algorithm(size))


def _evaluated(options: argparse.Namespace, names: list[str], *, skip: bool) -> list[Evaluation]:
    """skip: pass over algorithms that this data cannot train, with a note."""
    data = read_data(options)
    holdout = split(data.interactions, options.protocol, seed=options.seed)
    configs = {name: for_protocol(chosen_config(name), options.protocol) for name in names}
    found = []
    for name in (bar := tqdm(names, leave=False)):
        bar.set_description(name)
        try:
            found.append(evaluate(name, partial(fit, config=configs[name]), data, holdout))
        except EngineError as problem:
            if not skip:
                raise
            tqdm.write(f"{name}: {problem}")
    return found


def for_protocol(config: AnyConfig, protocol: str) -> AnyConfig:
    """A hybrid validates as it is tested; nobody weighs recency where what is held back has no order."""
    if isinstance(config, HybridConfig):
        return replace(config, validation=validation_for(protocol)) if config.weights is None else config
    if protocol in ("random", "strong") and hasattr(config, "recency"):
        without: AnyConfig = replace(cast(Any, config), recency=None)
        return without
    return config
