"""Quality on MovieLens 100K, every protocol: python -m benchmarks.engine_movielens.

The data (GroupLens: research use with citation, no redistribution) comes from a package that carries it and
is kept in the user's cache folder: F. Maxwell Harper, Joseph A. Konstan, "The MovieLens Datasets" (2015).
"""

import argparse
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from engine.algorithms import ALGORITHMS
from engine.cli.evaluating import for_protocol
from engine.configs import default
from engine.evaluation.evaluate import HEADLINE, evaluate, judge
from engine.evaluation.personalize import offline_metrics
from engine.evaluation.protocols import PROTOCOLS, split
from engine.evaluation.report import table, write_html
from engine.fitting import fit
from engine.interactions import Interactions
from engine.metadata import Column, Metadata, categories, numbers, words
from engine.models import ease, popularity
from engine.reranking import Rerank
from engine.training import TrainingData

CARRIER = "recbole==1.2.1"
INSIDE = "recbole/dataset_example/ml-100k/"
FILES = ("ml-100k.inter", "ml-100k.item", "ml-100k.user")
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


def movielens() -> TrainingData:
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "movielens"
    if not all((folder / name).is_file() for name in FILES):
        _fetch(folder)
    events, films, people = (_columns(folder / name) for name in FILES)
    interactions = Interactions.from_columns(events[0], events[1], np.array(events[3], np.float64))
    years = [year if year.isdigit() else "" for year in films[2]]
    genres = [genre.replace(" ", "|") for genre in films[3]]
    items: dict[str, Column] = {
        "TITLE": words(films[1]),
        "YEAR": numbers(years),
        "GENRES": categories(genres),
    }
    users: dict[str, Column] = {
        "AGE": numbers(people[1]),
        "GENDER": categories(people[2]),
        "OCCUPATION": categories(people[3]),
    }
    return TrainingData.of(interactions, Metadata.of(films[0], items), Metadata.of(people[0], users))


def _fetch(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", CARRIER, "--dest", place]
        subprocess.run(command, check=True)
        [wheel] = Path(place).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for name in FILES:
                (folder / name).write_bytes(archive.read(INSIDE + name))


def _columns(path: Path) -> list[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return [list(column) for column in zip(*(line.split("\t") for line in lines), strict=True)]


if __name__ == "__main__":
    main()
