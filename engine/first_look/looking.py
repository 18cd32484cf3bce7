"""What is recommended from somebody's data, and how good that is beside what is popular."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.evaluate import HEADLINE, Evaluation, evaluate
from engine.evaluation.protocols import Protocol, split
from engine.evaluation.significance import paired
from engine.evaluation.splits import Holdout
from engine.fitting import configs, hybrid
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.fitting.protocols import for_protocol
from engine.serving.recommender import Recommendation
from engine.serving.trained_model import Model

MODELS = ("hybrid", "popularity")
PROTOCOL: Protocol = "user-time"
SEED = 42
AGAIN = 0.2
"""share of events with an item that the person had before, from which lists may hold what people have"""
_PEOPLE = (0.25, 0.5, 0.9)
"""whose lists are shown: how many people have shorter histories"""
_LATEST = 5
_LETTERS = 30
_LISTED = 10
_ALIKE = 5
_POPULAR = 3


@dataclass(frozen=True)
class Shown:
    """A person or an item, what they are by it, and the list: (name, score), best first."""

    name: str
    about: str
    entries: list[tuple[str, float]]


def repeats(interactions: Interactions) -> float:
    """The share of events with an item that the person had before."""
    return 1 - len(interactions.distinct()) / len(interactions) if len(interactions) else 0.0


def held_back(data: TrainingData) -> Holdout:
    """The newest tenth of everybody's events. Raises: EngineError."""
    return split(data.interactions, PROTOCOL, seed=SEED, repeats=data.own_items)


def judged(data: TrainingData, holdout: Holdout, say: Callable[[str], None]) -> list[Evaluation]:
    """The hybrid and what is popular. Raises: EngineError."""
    found = []
    for name in MODELS:
        say(f"{name} is trained on the older events of {len(data.interactions.user_ids):,} people and tested")
        found.append(evaluate(name, partial(trained, name=name), data, holdout))
    return found


def trained(data: TrainingData, name: str = MODELS[0]) -> Model:
    config = for_protocol(configs.default(name), PROTOCOL)
    if isinstance(config, HybridConfig) and config.weights is None:
        config = hybrid.learn(data, config)
    return fit(data, config)


def verdict(found: Sequence[Evaluation]) -> str:
    """The hybrid against what is popular, in a sentence."""
    ours, popular = found
    gap = paired(ours.per_user, popular.per_user)
    figures = (
        f"{HEADLINE} {ours.metrics[HEADLINE].mean:.4f} against {popular.metrics[HEADLINE].mean:.4f} "
        f"of what is popular: {gap.mean.mean:+.4f} [{gap.mean.low:+.4f}, {gap.mean.high:+.4f}]"
    )
    if gap.p_value >= 0.05:
        return f"{figures}, which may be luck (p = {gap.p_value:.2f}): more data would tell"
    return f"{figures}, {'better' if gap.mean.mean > 0 else 'worse'} beyond luck (p = {gap.p_value:.4f})"


def lists_of_people(model: Model, interactions: Interactions, titles: Mapping[str, str]) -> Iterator[Shown]:
    """Of somebody with a short history, a middling and a long one."""
    counts = np.bincount(interactions.users, minlength=len(interactions.user_ids))
    active = np.flatnonzero(counts)
    order = active[np.argsort(counts[active], kind="stable")]
    rows = dict.fromkeys(int(order[int(share * (len(order) - 1))]) for share in _PEOPLE)
    people = [str(interactions.user_ids[row]) for row in rows]
    for row, person, got in zip(rows, people, model.recommend(people, _LISTED), strict=True):
        own = np.flatnonzero(interactions.users == row)
        latest = own[np.argsort(-interactions.times[own], kind="stable")]
        had = dict.fromkeys(str(interactions.item_ids[interactions.items[at]]) for at in latest)
        names = [(titles.get(item) or item)[:_LETTERS] for item in list(had)[:_LATEST]]
        more = f"; and {len(had) - len(names)} more" if len(had) > len(names) else ""
        yield Shown(person, f"{len(own)} events; lately: {'; '.join(names)}{more}", _named(got, titles))


def lists_of_items(model: Model, interactions: Interactions, titles: Mapping[str, str]) -> Iterator[Shown]:
    """What is like the most popular items."""
    counts = np.bincount(interactions.items, minlength=len(interactions.item_ids))
    popular = [str(interactions.item_ids[at]) for at in np.argsort(-counts, kind="stable")[:_POPULAR]]
    for item, got in zip(popular, model.similar_items(popular, _ALIKE), strict=True):
        people = f"{counts[np.flatnonzero(interactions.item_ids == item)[0]]:,} events"
        yield Shown(titles.get(item) or item, people, _named(got, titles))


def with_repeats(data: TrainingData, asked: bool | None) -> TrainingData:
    """asked: whether lists may hold what people have; None: the data says."""
    own = repeats(data.interactions) >= AGAIN if asked is None else asked
    return replace(data, own_items=own)


def _named(got: Recommendation, titles: Mapping[str, str]) -> list[tuple[str, float]]:
    pairs = zip(got.item_ids, got.scores, strict=True)
    return [(titles.get(item) or item, score) for item, score in pairs]
