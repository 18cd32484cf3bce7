"""What circumstances are worth on a test split: python -m benchmarks.engines.context.

Generated data whose events lean to a device or do not, and MovieLens 100K: by when a film was rated, and by
who rated it, as if a request told that. Every held-back pair is a question, asked with its circumstances and
without.
"""

from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np

from benchmarks.engines.data_sets import SEED, movielens
from engine.data.contexts import Contexts, Labels
from engine.data.generated import generated, with_devices
from engine.data.metadata import Categories, Metadata, Numbers
from engine.data.training_data import TrainingData
from engine.evaluation.metrics import Hits, Values
from engine.evaluation.protocols import split
from engine.evaluation.report import aligned
from engine.evaluation.splits import Holdout
from engine.fitting import hybrid
from engine.fitting.configs import default
from engine.fitting.hybrid import HybridConfig
from engine.ground.histories import Histories
from engine.ground.vocabulary import factorise
from engine.scorers.contextual import Context
from engine.serving.trained_model import Model

QUESTIONS = 4000
HOURS, DAYS = 3600, 86_400
SIZES = ((500, 1_000, 10_000), (5_000, 1_000, 100_000), (74_000, 4_182, 1_970_000))


def main() -> None:
    head = ["data", "learned: weight, exponent", "who", "without", "with", "gain", "+-", "seconds more"]
    rows = [head]
    for name, data in _data():
        rows += _measured(name, data)
        print(aligned([head, *rows[-2:]]), flush=True)
    print(f"\nNDCG@10 of finding one item that was held back\n{aligned(rows)}")


def _data() -> Iterator[tuple[str, TrainingData]]:
    for users, items, events in SIZES:
        plain = generated(users, items, events)
        for leaning in (0.0, 0.3, 0.6):
            yield f"{users:,} users, {leaning:.0%} on the item's device", with_devices(plain, leaning=leaning)
    films = movielens()
    yield "MovieLens 100K, hour band and weekday", _with(films, _moments(films))
    yield "MovieLens 100K, gender and age band", _with(films, _people(films))


def _measured(name: str, data: TrainingData) -> list[list[str]]:
    holdout = split(data.interactions, "user-time", seed=SEED)
    part, config = data.with_interactions(holdout.train), default("hybrid")
    assert isinstance(config, HybridConfig)
    bare = replace(part, contexts=None)
    seconds = _seconds(part, config) - _seconds(bare, config)
    chosen = hybrid.learn(part, config)
    model = hybrid.fit(part, chosen)
    learned = [f"{one.column} {one.weight:g}, {one.cold:g}" for one in chosen.contexts]
    rows = []
    for who in ("known", "unknown"):
        without, within = (_quality(data, holdout, model, who, told) for told in (False, True))
        gain = within - without
        error = float(gain.std()) / len(gain) ** 0.5
        figures = [f"{value:.4f}" for value in (without.mean(), within.mean())]
        rows.append(
            [name, "; ".join(learned) or "nothing", who, *figures, f"{gain.mean():+.4f}", f"{error:.4f}"]
        )
    return [[*row, f"{seconds:.1f}"] for row in rows]


def _seconds(data: TrainingData, config: HybridConfig) -> float:
    started = perf_counter()
    hybrid.learn(data, config)
    return perf_counter() - started


def _quality(data: TrainingData, holdout: Holdout, model: Model, who: str, told: bool) -> Values:
    """Of every question."""
    assert data.contexts is not None
    relevant = holdout.relevant
    chosen = np.arange(len(relevant.items))
    if len(chosen) > QUESTIONS:
        chosen = np.random.default_rng(SEED).permutation(chosen)[:QUESTIONS]
    rows, wanted = relevant.rows[chosen].astype(np.int32), relevant.items[chosen]
    newest = data.contexts.newest(holdout.users[rows], wanted, len(model.item_ids))
    values = {name: labels.values for name, labels in data.contexts.columns.items()}
    contexts: list[Context] = [
        {name: str(values[name][codes[at]]) for name, codes in newest.items() if codes[at] >= 0}
        for at in range(len(chosen))
    ]
    seen = holdout.inputs.take(rows)
    users = holdout.users[rows] if who == "known" else None
    given = seen if who == "known" else Histories.empty(len(rows))
    lists, _ = model.top(given, 10, users=users, exclude=seen, contexts=contexts if told else ())
    return Hits.of(lists, Histories.of(wanted[:, None].tolist()), len(model.item_ids)).ndcg(10)


def _with(data: TrainingData, columns: dict[str, Labels]) -> TrainingData:
    whole = data.interactions
    return TrainingData(whole, data.items, data.users, Contexts.of(whole, columns))


def _moments(data: TrainingData) -> dict[str, Labels]:
    times = data.interactions.times
    bands = Labels(
        np.array(["00-06", "06-12", "12-18", "18-24"]), (times % DAYS // (6 * HOURS)).astype(np.int32)
    )
    days = Labels(np.array([f"day {day}" for day in range(7)]), (times // DAYS % 7).astype(np.int32))
    return {"HOUR_BAND": bands, "WEEKDAY": days}


def _people(data: TrainingData) -> dict[str, Labels]:
    """Told with the request instead of known of the user."""
    people: Metadata = data.need_users()
    genders, ages = people.columns["GENDER"], people.columns["AGE"]
    assert isinstance(genders, Categories) and isinstance(ages, Numbers)
    users = data.interactions.users
    bands, codes = factorise([f"{int(age) // 10}0s" for age in ages.values.tolist()])
    return {
        "GENDER": Labels(genders.values, genders.codes.items[users]),
        "AGE_BAND": Labels(bands, codes[users]),
    }


if __name__ == "__main__":
    main()
