"""Quality on MovieLens 100K, every protocol, and on generated data: python -m benchmarks.engines.movielens.

The data (GroupLens: research use with citation, no redistribution) is fetched as trial_data does it.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.engines.data_sets import SEED, bare, movielens, posts
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import HEADLINE, Evaluation, evaluate, judge
from engine.evaluation.html_report import write_html
from engine.evaluation.offline_metrics import offline_metrics
from engine.evaluation.protocols import PROTOCOLS, Protocol, split
from engine.evaluation.report import aligned, table
from engine.evaluation.setting import Setting
from engine.fitting.algorithms import ALGORITHMS
from engine.fitting.configs import default
from engine.fitting.fit import fit
from engine.fitting.protocols import for_protocol
from engine.models import ease, popularity
from engine.serving.reranking import Rerank

LEAST = {
    "random": {"ndcg@10": 0.480, "recall@10": 0.219},
    "user-time": {"ndcg@10": 0.158, "coverage@10": 0.28},
}
TOLERATED = 0.003
MOST_CALIBRATION_ERROR = 0.02
OTHERS: dict[str, Callable[[], TrainingData]] = {
    "tiny (60 users, 40 items)": lambda: bare(60, 40, 700),
    "very sparse (8,000 users, 3 events each)": lambda: bare(8_000, 2_000, 24_000),
    "community's posts (2,000 users)": lambda: posts(2_000, 600, 30.0, seed=7),
    "tastes only (2,000 users, 30 events each)": lambda: bare(2_000, 500, 60_000, seed=7),
}
RERANKS = {
    "mmr 0.1": Rerank(diversity=0.1),
    "mmr 0.3": Rerank(diversity=0.3),
    "less popular 0.1": Rerank(popularity_penalty=0.1),
    "less popular 0.3": Rerank(popularity_penalty=0.3),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("protocols", nargs="*", help=f"of {', '.join(PROTOCOLS)} (default: all)")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--reports", type=Path, metavar="FOLDER", help="write an HTML report per protocol")
    options = parser.parse_args()
    if unknown := sorted(set(options.protocols) - set(PROTOCOLS)):
        parser.error(f"no protocol {', '.join(unknown)}; there are {', '.join(PROTOCOLS)}")
    data = movielens()
    rows = [["MovieLens 100K", "measured", "target", ""]]
    for protocol in options.protocols or PROTOCOLS:
        rows += one_protocol(data, protocol, options.seed, options.reports)
    if not options.protocols:
        for name, other in OTHERS.items():
            rows += other_data(name, other())
    personalize_ratio(data.interactions)
    print(f"\n{aligned(rows)}")


def one_protocol(data: TrainingData, protocol: Protocol, seed: int, reports: Path | None) -> list[list[str]]:
    """Prints every algorithm; gives the rows of the summary."""
    holdout = split(data.interactions, protocol, seed=seed)
    started = perf_counter()
    hybrid = fit(data.with_interactions(holdout.train), for_protocol(default("hybrid"), protocol))
    found = [judge("hybrid", hybrid, holdout, train_seconds=perf_counter() - started)]
    for name in ALGORITHMS:
        config = for_protocol(default(name), protocol)
        found.append(evaluate(name, partial(fit, config=config), data, holdout))
    print(f"\n{protocol}, seed {seed}\n{table(found)}")
    if reports is not None:
        setting = Setting.of(
            "MovieLens 100K", data.interactions, holdout, protocol, seed=seed, made=datetime.now(UTC)
        )
        write_html(reports / f"{protocol}.html", f"MovieLens 100K, {protocol}", found, setting)
    if protocol == "user-time":
        changed = [judge(name, hybrid, holdout, rerank=rerank) for name, rerank in RERANKS.items()]
        print(f"\nhybrid re-ranked, {protocol}\n{table([found[0], *changed])}")
    return summary(protocol, found)


def summary(protocol: str, found: Sequence[Evaluation]) -> list[list[str]]:
    hybrid = found[0]
    measured: dict[str, float] = {name: value.mean for name, value in hybrid.metrics.items()} | hybrid.figures
    rows = [
        at_least(f"{protocol}: {name}", measured[name], least)
        for name, least in LEAST.get(protocol, {}).items()
    ]
    rows.append(margin(protocol, found))
    baseline = next(one for one in found if one.name == "demographic")
    lift = hybrid.per_user.mean() / baseline.per_user.mean()
    rows.append([f"{protocol}: hybrid / heuristic baseline, {HEADLINE}", f"{lift:.2f} x", "", ""])
    if "calibration_error" in measured:
        error = measured["calibration_error"]
        verdict = "met" if error <= MOST_CALIBRATION_ERROR else "MISSED"
        rows.append(
            [f"{protocol}: calibration error", f"{error:.4f}", f"<= {MOST_CALIBRATION_ERROR}", verdict]
        )
    return rows


def margin(name: str, found: Sequence[Evaluation]) -> list[str]:
    """The hybrid, which comes first, against the best of the others, with the gap's standard error."""
    best = max(found[1:], key=lambda one: float(one.per_user.mean()))
    gaps = found[0].per_user - best.per_user
    error = float(gaps.std()) / len(gaps) ** 0.5
    what = f"{name}: hybrid - best single ({best.name}; {len(gaps)} users, +- {error:.3f}), {HEADLINE}"
    return at_least(what, float(gaps.mean()), -TOLERATED)


def at_least(name: str, value: float, least: float) -> list[str]:
    return [
        name,
        f"{value:+.4f}" if least < 0 else f"{value:.4f}",
        f">= {least}",
        "met" if value >= least else "MISSED",
    ]


def other_data(name: str, data: TrainingData) -> list[list[str]]:
    """The hybrid against its members on generated data, by the protocols that differ most."""
    rows = []
    for protocol in ("user-time", "random", "leave-last-out"):
        holdout = split(data.interactions, protocol, seed=SEED)
        names = ["hybrid", *(one for one in ALGORITHMS if one not in ("content", "demographic"))]
        found = [
            evaluate(one, partial(fit, config=for_protocol(default(one), protocol)), data, holdout)
            for one in names
        ]
        rows.append(margin(f"{name}, {protocol}", found))
    return rows


def personalize_ratio(interactions: Interactions) -> None:
    key = "normalized_discounted_cumulative_gain_at_10"
    ratios = []
    for seed in range(8):
        good = offline_metrics(interactions, lambda part: ease.fit(part, ease.EaseConfig()), seed=seed)
        plain = offline_metrics(
            interactions, lambda part: popularity.fit(part, popularity.PopularityConfig()), seed=seed
        )
        ratios.append(good[key] / plain[key])
    print("\nEASE / popularity, NDCG@10 by the Personalize split, 8 seeds:", end=" ")
    print(f"mean {np.mean(ratios):.2f}, least {min(ratios):.2f}, greatest {max(ratios):.2f}")


if __name__ == "__main__":
    main()
