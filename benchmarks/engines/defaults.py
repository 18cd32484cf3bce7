"""The search that the engine's defaults come from: python -m benchmarks.engines.defaults --seconds 60.

It never sees what the quality benchmark tests on: of MovieLens 100K it takes the pairs that are in the
training part of every protocol, beside two generated communities, and holds parts of those back.
The trials are kept in a file; called again, the search goes on.
"""

import argparse
from pathlib import Path

from benchmarks.engines.data_sets import always_trained_on, bare, movielens, posts
from engine.fitting import configs
from engine.fitting.hybrid import HybridConfig
from engine.fitting.tuning import Task, tune


def tasks() -> list[Task]:
    films, community, tastes = always_trained_on(movielens()), posts(1500, 500, 30.0), bare(1500, 500, 40_000)
    return [
        Task(data=films, validation="user-time", seed=1),
        Task(data=films, validation="random", seed=2),
        Task(data=films, validation="strong", seed=3),
        Task(data=community.distinct(), validation="user-time", seed=4),
        Task(data=community.distinct(), validation="random", seed=5),
        Task(data=tastes.distinct(), validation="user-time", seed=6),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--study", type=Path, default=Path("defaults.db"))
    parser.add_argument("--config", type=Path, default=Path("defaults.json"))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    def progress(done: int, best: float) -> None:
        print(f"trial {done}: best mean NDCG@10 so far {best:.4f}", flush=True)

    found = tune(
        tasks(),
        HybridConfig(),
        seconds=options.seconds,
        storage=options.study,
        seed=options.seed,
        progress=progress,
    )
    configs.save(found, options.config)
    print(f"{options.config}: members and weights as learned on MovieLens, user-time")


if __name__ == "__main__":
    main()
