"""Quality on MovieLens 100K, every protocol: python -m benchmarks.engine_movielens.

The data (GroupLens: research use with citation, no redistribution) is fetched as sample_database does it.
"""

import argparse
from pathlib import Path

import numpy as np

from benchmarks.data_sets import movielens
from engine.algorithms import ALGORITHMS
from engine.cli.evaluating import for_protocol
from engine.configs import default
from engine.evaluation.evaluate import HEADLINE, evaluate, judge
from engine.evaluation.personalize import offline_metrics
from engine.evaluation.protocols import PROTOCOLS, split
from engine.evaluation.report import table, write_html
from engine.fitting import fit
from engine.interactions import Interactions
from engine.models import ease, popularity
from engine.reranking import Rerank
from engine.training import TrainingData

RERANKS = {
    "mmr 0.1": Rerank(diversity=0.1),
    "mmr 0.3": Rerank(diversity=0.3),
    "less popular 0.1": Rerank(popularity_penalty=0.1),
    "less popular 0.3": Rerank(popularity_penalty=0.3),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("protocols", nargs="*", help=f"of {', '.join(PROTOCOLS)} (default: all)")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--reports", type=Path, metavar="FOLDER", help="write an HTML report per protocol")
    options = parser.parse_args()
    data = movielens()
    for protocol in options.protocols or PROTOCOLS:
        one_protocol(data, protocol, options.seed, options.reports)
    personalize_ratio(data.interactions)


def one_protocol(data: TrainingData, protocol: str, seed: int, reports: Path | None) -> None:
    holdout = split(data.interactions, protocol, seed=seed)  # type: ignore[arg-type]
    part = data.with_interactions(holdout.train)
    hybrid = fit(part, for_protocol(default("hybrid"), protocol))
    found = [judge("hybrid", hybrid, holdout)]
    for name in ALGORITHMS:
        config = for_protocol(default(name), protocol)
        found.append(evaluate(name, lambda whole, config=config: fit(whole, config), data, holdout))  # type: ignore[misc]
    best = max(found[1:], key=lambda one: float(one.per_user.mean()))
    gap = found[0].per_user.mean() - best.per_user.mean()
    baseline = next(one for one in found if one.name == "demographic")
    lift = found[0].per_user.mean() / baseline.per_user.mean()
    print(f"\n{protocol}, seed {seed}\n{table(found)}")
    print(f"hybrid - best single ({best.name}): {gap:+.4f} {HEADLINE}")
    print(f"hybrid / heuristic baseline: {lift:.2f} x")
    if reports is not None:
        write_html(reports / f"{protocol}.html", f"MovieLens 100K, {protocol}", found)
    if protocol == "user-time":
        changed = [judge(name, hybrid, holdout, rerank=rerank) for name, rerank in RERANKS.items()]
        print(f"\nhybrid re-ranked, {protocol}\n{table([found[0], *changed])}")


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
