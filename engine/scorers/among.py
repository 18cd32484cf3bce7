"""Where there are many items: which of them are worth scoring for a person, and the scores of these alone.

Scores of all items take time that grows with the catalogue; what a person's items have for neighbours does
not. The candidates are those, what is most popular, and the items themselves.
"""

from collections.abc import Iterable, Iterator

import numpy as np

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories
from engine.ground.places import places_among
from engine.ground.products import combined
from engine.scorers.again import AgainScorer
from engine.scorers.blend import BlendScorer
from engine.scorers.factors import LinearFactorScorer, cosines
from engine.scorers.ials import IalsScorer
from engine.scorers.item_item import NeighbourScorer, scattered
from engine.scorers.popularity import PopularityScorer
from engine.scorers.scorer import Scorer

POPULAR = 1_000
"""candidates of everybody"""
NEWEST = 30
"""items of a history whose neighbours are candidates"""


def candidates(scorers: Iterable[Scorer], history: Histories, by_popularity: Codes) -> Codes | None:
    """Of one history, by rising code; None where no scorer has neighbours: all items have to be scored.

    by_popularity: all items, the most popular first.
    """
    found = [by_popularity[:POPULAR], history.items]
    newest = np.unique(history.newest(NEWEST).items)
    for scorer in scorers:
        found += [source.neighbours.take(newest).items for source in _sources(scorer)]
    return None if len(found) == 2 else np.unique(np.concatenate(found))


def has_neighbours(scorer: Scorer) -> bool:
    return next(_sources(scorer), None) is not None


def _sources(scorer: Scorer) -> Iterator[NeighbourScorer]:
    if isinstance(scorer, NeighbourScorer):
        yield scorer
    elif isinstance(scorer, BlendScorer):
        for part in scorer.parts:
            yield from _sources(part.scorer)


def scores_among(scorer: Scorer, history: Histories, users: Codes, items: Codes) -> Floats:
    """One row x the items (by rising code): what `scores` says of these."""
    match scorer:
        case NeighbourScorer(neighbours, recency):
            weighted = recency.weigh(history) if recency else history
            near = neighbours.take(weighted.items)
            return _placed(near.items, np.repeat(weighted.weights, near.lengths) * near.weights, items)
        case LinearFactorScorer(factors, recency):
            weighted = recency.weigh(history) if recency else history
            return np.asarray(combined(weighted, factors) @ factors[items].T)
        case IalsScorer():
            return np.asarray(scorer.people(history, users) @ scorer.items[items].T)
        case PopularityScorer(shares):
            return shares[items][None]
        case AgainScorer():
            return _placed(*scorer.chances(history), items)
        case BlendScorer(parts, newcomers):
            total = np.zeros((1, len(items)), np.float32)
            for part in (one for one in parts if one.weight):
                total += np.float32(part.weight) * scores_among(part.scorer, history, users, items)
            if newcomers is not None:
                newcomers.among(items).add(total, history.lengths)
            return total
        case _:
            return scorer.scores(history, users)[:, items]


def similar_among(scorer: Scorer, items: Codes, among: Codes) -> Floats:
    """These items x those among which they are compared: what `similar` says of these."""
    match scorer:
        case NeighbourScorer(neighbours, _):
            near = neighbours.take(items)
            at, known = places_among(among, near.items)
            return scattered(near.rows[known], at[known], near.weights[known], (len(items), len(among)))
        case LinearFactorScorer() | IalsScorer():
            factors = scorer.factors if isinstance(scorer, LinearFactorScorer) else scorer.items
            return cosines(factors, items, among)
        case BlendScorer():
            total = np.zeros((len(items), len(among)), np.float32)
            for part in scorer.comparing:
                total += np.float32(part.weight) * similar_among(part.scorer, items, among)
            return total
        case _:
            return scorer.similar(items)[:, among]


def _placed(found: Codes, values: Floats, items: Codes) -> Floats:
    """A row of the items with the values of those that were found, summed."""
    at, known = places_among(items, found)
    return scattered(0, at[known], values[known], (1, len(items)))
