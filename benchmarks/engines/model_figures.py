"""What each model is worth to whom: python -m benchmarks.engines.model_figures.

Every algorithm alone, the hybrid, and the hybrid without `next-item`, on data sets of different kinds:
NDCG@10 of everybody, and of people with short and with long histories. Each set is written into the results
as soon as it is measured; sets that are in there and not asked for stay. Events of your own are sets too:

    python -m benchmarks.engines.model_figures --events "Clicks in a shop" clicks.csv repeats

(`once`: lists leave out what people have; `visits`: the newest visit is held back, and items come again;
`--without ease` leaves out what would take too long, alone and in hybrids).
benchmarks.engines.models_page makes the page of the results.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.engines import new_items
from benchmarks.engines.data_sets import SEED, movielens, posts
from engine.data import loading
from engine.data.generated import generated
from engine.data.habits import baskets, sessions
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import recommended
from engine.evaluation.metrics import Hits, Values
from engine.evaluation.protocols import Protocol, split
from engine.evaluation.references import personal_frequency, v_sknn
from engine.evaluation.significance import paired
from engine.evaluation.splits import Holdout
from engine.fitting import hybrid
from engine.fitting.algorithms import ALGORITHMS, name_of
from engine.fitting.configs import default
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.fitting.protocols import for_protocol
from engine.ground.arrays import Codes
from engine.ground.errors import DataError
from engine.models.next_item import NextItemConfig

SHORT, LONG = 5, 20
"""items of a history: short up to the first, long from one more than the second on"""
RESULTS = Path(__file__).with_name("model_figures.json")


@dataclass(frozen=True)
class Set:
    name: str
    protocol: Protocol
    read: Callable[[], TrainingData]


SETS = (
    Set("MovieLens 100K", "leave-last-out", movielens),
    Set("Generated tastes for kinds", "leave-last-out", lambda: generated(3_000, 1_000, 90_000, seed=3)),
    Set("Posts of a generated community", "leave-last-out", lambda: posts(2_000, 600, 30.0, seed=7)),
    Set("Generated sessions", "leave-last-out", lambda: sessions(3_000, 800)),
    Set("Generated baskets", "last-visit", lambda: baskets(600, 300)),
)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"of {', '.join(one.name for one in SETS)}")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="FILE")
    parser.add_argument(
        "--events", nargs=3, action="append", default=[], metavar=("NAME", "FILE", "once|repeats|visits")
    )
    parser.add_argument("--without", nargs="+", choices=ALGORITHMS, default=[])
    options = parser.parse_args()
    if unknown := set(options.sets) - {one.name for one in SETS}:
        parser.error(f"no set {', '.join(sorted(unknown))}")
    chosen = [one for one in SETS if one.name in options.sets or not (options.sets or options.events)]
    for one in [*chosen, *(_of_file(*given) for given in options.events)]:
        found = measured(one, options.without)
        write(options.results, found)
        print(json.dumps(found), flush=True)


def _of_file(name: str, file: str, kind: str) -> Set:
    """kind: once; repeats, where items come again; visits, where the newest visit is held back."""

    def read() -> TrainingData:
        return TrainingData(loading.load(Path(file)).interactions, own_items=kind != "once")

    return Set(name, "last-visit" if kind == "visits" else "leave-last-out", read)


def write(path: Path, found: dict[str, Any]) -> None:
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    kept = [one for one in known if one["name"] != found["name"]]
    path.write_text(json.dumps([*kept, found], indent=1) + "\n", encoding="utf-8")


def measured(one: Set, left_out: Sequence[str] = ()) -> dict[str, Any]:
    data = one.read()
    holdout = split(data.interactions, one.protocol, seed=SEED, repeats=data.own_items)
    lengths = holdout.inputs.lengths
    groups = {"all": lengths >= 0, "short": lengths <= SHORT, "long": lengths > LONG}
    values, figures = {}, []
    for name, quality in _judged(data, holdout, one.protocol, left_out):
        values[name] = quality
        means = {
            group: {"people": int(people.sum()), "ndcg@10": _rounded(quality[people])}
            for group, people in groups.items()
        }
        figures.append({"model": name, **means})
    gap = paired(values["hybrid"], values["hybrid without next-item"])
    gains = values["hybrid"] - values["hybrid without next-item"]
    return {
        "name": one.name,
        "protocol": one.protocol,
        "repeats": data.own_items,
        "people": len(data.interactions.user_ids),
        "items": len(data.interactions.item_ids),
        "events": len(data.interactions),
        "figures": figures,
        "new items": _new_items(data),
        "next-item": {
            "gain": round(gap.mean.mean, 4),
            "error": round(float(gains.std()) / len(gains) ** 0.5, 4),
            "p": round(gap.p_value, 4),
        },
    }


def _new_items(data: TrainingData) -> list[dict[str, float]]:
    """With a fifth of the items taken out of training: shares of lists, NDCG@10 of all that is held back."""
    if data.own_items or data.items is None or not data.items.columns:
        return []
    names = ("asked for", "in lists", "ndcg@10")
    return [dict(zip(names, map(float, row), strict=False)) for row in new_items.judged(data)[1:]]


def _judged(
    data: TrainingData, holdout: Holdout, protocol: Protocol, left_out: Sequence[str]
) -> Iterator[tuple[str, Values]]:
    """Of each model its name, and NDCG@10 of every person."""
    train = data.with_interactions(holdout.train)
    whole = for_protocol(default("hybrid"), protocol)
    assert isinstance(whole, HybridConfig)
    whole = replace(whole, members=tuple(one for one in whole.members if name_of(one) not in left_out))
    others = tuple(one for one in whole.members if not isinstance(one, NextItemConfig))
    for name, config in (
        ("hybrid", whole),
        ("hybrid without next-item", replace(whole, members=others)),
        *((name, default(name)) for name in ALGORITHMS if name not in left_out),
    ):
        if name == "again" and not data.own_items:
            continue
        try:
            chosen = hybrid.learn(train, config) if isinstance(config, HybridConfig) else config
            model = fit(train, chosen)
        except DataError:  # metadata that there is not, or too many items
            continue
        yield name, _quality(recommended(model, holdout, 10), holdout)
    if data.own_items:
        yield "V-SKNN", _quality(v_sknn(holdout, 10), holdout)
        yield "personal frequency", _quality(personal_frequency(holdout, 10, None), holdout)


def _quality(lists: Codes, holdout: Holdout) -> Values:
    return Hits.of(lists, holdout.relevant, len(holdout.train.item_ids)).ndcg(10)


def _rounded(quality: Values) -> float | None:
    return round(float(np.mean(quality)), 4) if len(quality) else None


if __name__ == "__main__":
    main()
