"""evaluate, compare and bench: what models are worth."""

import argparse
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from engine.cli import benchmark
from engine.cli.arguments import chosen_config, count, data_options, positive, read_data
from engine.cli.as_json import add_json, models_of, tell
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import Evaluation, evaluate
from engine.evaluation.html_report import Ingredient, write_html
from engine.evaluation.learning_curves import learning_curve
from engine.evaluation.protocols import PROTOCOLS, split
from engine.evaluation.report import differences, table, width, wrapped
from engine.evaluation.setting import Setting
from engine.evaluation.splits import Holdout
from engine.fitting import hybrid
from engine.fitting.algorithms import ALGORITHMS, name_of
from engine.fitting.configs import AnyConfig
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.fitting.protocols import for_protocol
from engine.ground.errors import EngineError
from engine.ground.threads import cores
from engine.serving.trained_model import Model

if TYPE_CHECKING:
    from engine.cli.arguments import Commands


def add_commands(commands: "Commands") -> None:
    judge = commands.add_parser("evaluate", help="all algorithms on a split: a table and an HTML report")
    _options(judge)
    judge.add_argument(
        "--algorithm", action="append", metavar="NAME|FILE", help="only these; can be given several times"
    )
    judge.add_argument("--report", type=Path, default=Path("evaluation.html"), metavar="FILE")
    judge.add_argument(
        "--learning-curve", action="store_true", help="train the first one on growing parts, too"
    )
    add_json(judge)
    judge.set_defaults(run=run_evaluate)
    compare = commands.add_parser("compare", help="two models on one split, with a paired test")
    _options(compare)
    compare.add_argument("first", metavar="NAME|FILE")
    compare.add_argument("second", metavar="NAME|FILE")
    add_json(compare)
    compare.set_defaults(run=run_compare)
    bench = commands.add_parser("bench", help="times and memory on generated data")
    bench.add_argument("--users", type=positive, default=74_000)
    bench.add_argument("--items", type=positive, default=4_182)
    bench.add_argument("--events", type=positive, default=1_970_000)
    bench.add_argument("--only", choices=("hybrid", "algorithms"), help="one half of it")
    add_json(bench)
    bench.set_defaults(run=run_bench)


def _options(command: argparse.ArgumentParser) -> None:
    data_options(command)
    command.add_argument("--protocol", choices=PROTOCOLS, default="user-time")
    command.add_argument("--seed", type=count, default=42)


def run_evaluate(options: argparse.Namespace) -> None:
    names = options.algorithm or ["hybrid", *ALGORITHMS]
    found = _evaluated(options, names, skip=options.algorithm is None)
    if not options.json:
        _show(found.models)
    learning = {}
    if options.learning_curve:
        name = found.models[0].name
        learning[name] = learning_curve(partial(fit, config=found.configs[name]), found.data, found.holdout)
    title = f"{options.interactions.name}, {options.protocol}"
    blends = {name: ingredients(blend) for name, blend in found.blends.items()}
    setting = _setting(options, found)
    write_html(options.report, title, found.models, setting, blends=blends, learning=learning)
    if options.json:
        more = {"skipped": found.skipped, "learning_curve": learning, "report": options.report}
        tell({"setting": setting, **models_of(found.models), **more})
    else:
        print(f"report: {options.report}")


def run_compare(options: argparse.Namespace) -> None:
    found = _evaluated(options, [options.first, options.second], skip=False)
    if options.json:
        tell({"setting": _setting(options, found), **models_of(found.models)})
    else:
        _show(found.models)


def _show(models: list[Evaluation]) -> None:
    print(table(models, width()))
    print(f"\n{wrapped(differences(models), width())}")


def run_bench(options: argparse.Namespace) -> None:
    size = benchmark.Size(options.users, options.items, options.events)
    halves = [half for half in ("hybrid", "algorithms") if options.only in (None, half)]
    if options.json:
        document: dict[str, Any] = {"size": size, "load_average": benchmark.load_average(), "cores": cores()}
        if "hybrid" in halves:
            document["hybrid"] = dict(benchmark.measured_hybrid(size))
        if "algorithms" in halves:
            document["algorithms"] = dict(benchmark.measured_algorithms(size))
        tell(document)
        return
    if "hybrid" in halves:
        print(benchmark.whole_hybrid(size))
    if "algorithms" in halves:
        print(benchmark.each_algorithm(size, columns=width()))


@dataclass(frozen=True)
class Judged:
    """configs: as asked for, by name; blends: what hybrids learned on the training part. skipped: algorithms
    that the data cannot train, and why.
    """

    data: TrainingData
    holdout: Holdout
    configs: dict[str, AnyConfig]
    models: list[Evaluation]
    blends: dict[str, HybridConfig]
    skipped: dict[str, str]


def _setting(options: argparse.Namespace, found: Judged) -> Setting:
    return Setting.of(
        options.interactions.name, found.data.interactions, found.holdout, options.protocol,
        seed=options.seed, made=datetime.now(UTC),
    )  # fmt: skip


def _evaluated(options: argparse.Namespace, names: list[str], *, skip: bool) -> Judged:
    """skip: pass over algorithms that this data cannot train, with a note."""
    data = read_data(options)
    holdout = split(data.interactions, options.protocol, seed=options.seed, repeats=data.own_items)
    configs = {name: for_protocol(chosen_config(name), options.protocol) for name in names}
    found: list[Evaluation] = []
    blends: dict[str, HybridConfig] = {}
    skipped: dict[str, str] = {}

    def trained(part: TrainingData, name: str) -> Model:
        config = configs[name]
        if isinstance(config, HybridConfig):
            config = blends[name] = config if config.weights is not None else hybrid.learn(part, config)
        return fit(part, config)

    for name in (bar := tqdm(names, leave=False, disable=None)):
        bar.set_description(name)
        try:
            found.append(evaluate(name, partial(trained, name=name), data, holdout))
        except EngineError as problem:
            if not skip:
                raise
            skipped[name] = str(problem)
            tqdm.write(f"{name}: {problem}", file=sys.stderr)
    return Judged(data, holdout, configs, found, blends, skipped)


def ingredients(blend: HybridConfig) -> list[Ingredient]:
    found = []
    for member, weight in zip(blend.members, blend.weights or (), strict=True):
        recency = getattr(member, "recency", None)
        found.append(Ingredient(name_of(member), weight, recency.half_life if recency else None))
    return found
