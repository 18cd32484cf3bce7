"""What comes again, beside V-SKNN and personal frequency: python -m benchmarks.engines.repeats.

On generated habits; or on events of your own, as CSV with USER_ID (or a session's), ITEM_ID and TIMESTAMP.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from engine.data import loading
from engine.data.habits import baskets, sessions
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import recommended
from engine.evaluation.metrics import Hits, Values
from engine.evaluation.protocols import PROTOCOLS, Protocol, split
from engine.evaluation.references import personal_frequency, v_sknn
from engine.evaluation.report import aligned
from engine.evaluation.significance import paired
from engine.evaluation.splits import Holdout
from engine.fitting import hybrid
from engine.fitting.algorithms import name_of
from engine.fitting.configs import default
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.fitting.protocols import for_protocol
from engine.ground.arrays import Codes

HALF_LIVES = (None, 20.0, 5.0)
"""of a personal frequency, in events"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", type=Path, metavar="FILE")
    parser.add_argument("--protocol", choices=PROTOCOLS, default="leave-last-out")
    options = parser.parse_args()
    sets: dict[str, tuple[Callable[[], TrainingData], Protocol]] = {
        "baskets (generated habits)": (lambda: baskets(1_500, 600), "last-visit"),
        "sessions (generated)": (lambda: sessions(8_000, 1_500), "leave-last-out"),
    }
    if options.interactions is not None:
        sets = {options.interactions.name: (lambda: _read(options.interactions), options.protocol)}
    for name, (read, protocol) in sets.items():
        print(f"\n{name}, {protocol}\n{aligned(judged(read(), protocol))}", flush=True)


def judged(data: TrainingData, protocol: Protocol) -> list[list[str]]:
    holdout = split(data.interactions, protocol, seed=42, repeats=True)
    train = data.with_interactions(holdout.train)
    config = for_protocol(default("hybrid"), protocol)
    assert isinstance(config, HybridConfig)
    learned = hybrid.learn(train, config)
    found = {"hybrid": quality(recommended(fit(train, learned), holdout, 10), holdout)}
    print(
        ", ".join(
            f"{name_of(m)} {w:.3g}" for m, w in zip(learned.members, learned.weights or (), strict=True)
        )
    )
    for name in ("again", "popularity", "item-neighbours", "ease"):
        model = fit(train, default(name))
        found[name] = quality(recommended(model, holdout, 10), holdout)
    found["V-SKNN"] = quality(v_sknn(holdout, 10), holdout)
    for half_life in HALF_LIVES:
        found[f"personal frequency, half-life {half_life}"] = quality(
            personal_frequency(holdout, 10, half_life), holdout
        )
    rows = [["", "ndcg@10", "hybrid is ahead by", "p"]]
    for name, values in found.items():
        gap = paired(found["hybrid"], values)
        rows.append([name, f"{values.mean():.4f}", f"{gap.mean.mean:+.4f}", f"{gap.p_value:.4f}"])
    return rows


def quality(lists: Codes, holdout: Holdout) -> Values:
    return Hits.of(lists, holdout.relevant, len(holdout.train.item_ids)).ndcg(10)


def _read(path: Path) -> TrainingData:
    data = loading.load(path)
    return TrainingData(data.interactions, own_items=True)


if __name__ == "__main__":
    main()
