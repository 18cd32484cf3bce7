"""A trained model: what is remembered of the data, plus an algorithm's way of scoring."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from engine.data.memory import Memory
from engine.ground.arrays import Codes, Floats, Ids, Mask, Offsets
from engine.ground.histories import Histories, offsets_of
from engine.ground.ranking import exclude as take_out
from engine.ground.ranking import top
from engine.ground.threads import blocks
from engine.ground.vocabulary import UNKNOWN, lookup
from engine.scorers.contextual import Context, ContextModel
from engine.scorers.scorer import Scorer
from engine.serving.calibration import ByLength, Calibration
from engine.serving.new_items import places, with_new_items
from engine.serving.recommender import Recommendation
from engine.serving.reranking import Rerank, reranked
from engine.serving.signal import settled

BLOCK = 256
"""rows of scores at a time: few enough that a block stays in the processor's cache"""


@dataclass(frozen=True)
class Model:
    """The Recommender of any algorithm; see engine/serving/recommender.py for the contract of its methods."""

    memory: Memory
    scorer: Scorer
    cold: Scorer | None = None
    """serves users without a history, or with one that says nothing; None: popularity does"""
    calibration: Calibration | None = None
    """turns raw scores into chances; None: scores stay raw"""
    context: ContextModel | None = None
    """what circumstances change; None: nothing"""
    newcomers: ByLength | None = None
    """chances for people with short histories; None: as for all"""
    own_items: bool = False
    """items come again: histories are of all events, and lists may hold what is in them"""

    @property
    def user_ids(self) -> Ids:
        return self.memory.user_ids

    @property
    def item_ids(self) -> Ids:
        return self.memory.item_ids

    def scores(
        self, histories: Histories, users: Codes | None = None, contexts: Sequence[Context] = ()
    ) -> Floats:
        """Rows x items. contexts: one for each history, or none at all."""
        return self._scored(histories, users, contexts, None, len(self.item_ids))[0]

    def _scored(
        self,
        histories: Histories,
        users: Codes | None,
        contexts: Sequence[Context],
        unwanted: Histories | None,
        n: int,
    ) -> tuple[Floats, Mask]:
        """Rows x items for lists of n without the unwanted ones (a row each), which are not excluded yet.

        And per row: is the user served as a stranger, because the model says nothing of what may be served?
        """
        codes = np.full(len(histories), UNKNOWN, np.int32) if users is None else users
        scores = self.scorer.scores(histories, codes)
        strangers = settled(scores, unwanted, n) | (histories.lengths == 0)
        without = np.flatnonzero(strangers)
        if len(without) and self.cold is not None:
            scores[without] = self.cold.scores(Histories.empty(len(without)), codes[without])
        elif len(without):
            scores[without] = self.memory.popularity
        if contexts and self.context is not None:
            told = np.where(strangers, UNKNOWN, np.arange(len(histories)))
            self.context.apply(scores, histories.take(told) if len(without) else histories, contexts)
        return scores, strangers

    def top(
        self,
        histories: Histories,
        n: int,
        *,
        users: Codes | None = None,
        exclude: Histories | None = None,
        rerank: Rerank | None = None,
        threads: int | None = None,
        contexts: Sequence[Context] = (),
    ) -> tuple[Codes, Floats]:
        """The n best items of every history (rows x n; excluded items score -inf), in parallel blocks."""
        return self._top(histories, n, users, exclude, rerank, threads, contexts)[:2]

    def best(
        self, histories: Histories, n: int, *, users: Codes | None = None, exclude: Histories | None = None
    ) -> tuple[Codes, Floats]:
        """The same with scores as they are meant (see `Recommendation`)."""
        return self._best(histories, n, users, exclude, None, ())

    def _best(
        self,
        histories: Histories,
        n: int,
        users: Codes | None,
        exclude: Histories | None,
        rerank: Rerank | None,
        contexts: Sequence[Context],
    ) -> tuple[Codes, Floats]:
        items, scores, strangers = self._top(histories, n, users, exclude, rerank, None, contexts)
        return items, self._meant(scores, histories.lengths, strangers)

    def _top(
        self,
        histories: Histories,
        n: int,
        users: Codes | None,
        exclude: Histories | None,
        rerank: Rerank | None,
        threads: int | None,
        contexts: Sequence[Context],
    ) -> tuple[Codes, Floats, Mask]:
        """Of equal scores the more popular item first; and who is served as a stranger."""
        width = min(n, len(self.item_ids))
        best, values = (
            np.empty((len(histories), width), np.int32),
            np.empty((len(histories), width), np.float32),
        )
        strangers, ranks = np.empty(len(histories), np.bool_), self.memory.ranks
        wanted = max(n, rerank.pool) if rerank is not None and rerank.reorders else n
        new = 0 if rerank is None else places(width, rerank.new_items)

        def work(start: int, stop: int) -> None:
            codes = None if users is None else users[start:stop]
            unwanted = None if exclude is None else exclude.slice(start, stop)
            part = histories.slice(start, stop)
            scores, unknown = self._scored(part, codes, contexts[start:stop], unwanted, wanted)
            if unwanted is not None:
                take_out(scores, unwanted)
            found = top(scores, wanted, ranks)
            if rerank is not None and rerank.reorders:
                found = reranked(*found, n, rerank, self.memory.popularity, self.scorer.similar)
            if new:
                found = with_new_items(*found, scores, self.memory.popularity == 0, new, ranks)
            best[start:stop], values[start:stop] = found
            strangers[start:stop] = unknown

        for _ in blocks(work, len(histories), size=BLOCK, threads=threads):
            pass
        return best, values, strangers

    def recommend(
        self,
        user_ids: Sequence[str],
        n: int,
        *,
        exclude: Sequence[Collection[str]] | None = None,
        exclude_seen: bool | None = None,
        recent: Mapping[str, Sequence[str]] | None = None,
        at_least: float | None = None,
        rerank: Rerank | None = None,
        context: Context | None = None,
    ) -> list[Recommendation]:
        unwanted = None if exclude is None else self._coded(exclude)
        items, scores = self.ranked(
            user_ids,
            n,
            exclude=unwanted,
            exclude_seen=exclude_seen,
            recent=recent,
            rerank=rerank,
            context=context,
        )
        return self._named(items, scores, at_least)

    def ranked(
        self,
        user_ids: Sequence[str],
        n: int,
        *,
        exclude: Histories | None = None,
        exclude_seen: bool | None = None,
        recent: Mapping[str, Sequence[str]] | None = None,
        rerank: Rerank | None = None,
        context: Context | None = None,
    ) -> tuple[Codes, Floats]:
        """What `recommend` names, as positions in `item_ids` with their scores, rows x n or narrower.

        exclude: a row of positions per user. Places that nothing is left for come last, with the score -inf.
        """
        users = lookup(self.user_ids, user_ids)
        histories = self.memory.histories.take(users)
        if recent:
            newer = self._coded([recent.get(user, ()) for user in user_ids])
            histories = histories.beside(newer) if self.own_items else histories.joined(newer)
            users = np.where(newer.lengths > 0, UNKNOWN, users).astype(np.int32)
        leaves_out = not self.own_items if exclude_seen is None else exclude_seen
        unwanted = histories if leaves_out else Histories.empty(len(users))
        if exclude is not None:
            unwanted = unwanted.beside(exclude)
        contexts = [context] * len(users) if context else ()
        return self._best(histories, n, users, unwanted, rerank, contexts)

    def rank(
        self, user_id: str, item_ids: Sequence[str], *, context: Context | None = None
    ) -> Recommendation:
        users = lookup(self.user_ids, [user_id])
        histories = self.memory.histories.take(users)
        contexts = [context] if context else ()
        scores, strangers = self._scored(histories, users, contexts, None, len(self.item_ids))
        codes = lookup(self.item_ids, item_ids)
        raw = np.where(codes == UNKNOWN, -np.inf, scores[:, codes])
        order = np.lexsort((self.memory.ranks[codes], -raw[0]))  # before chances, which scores may share
        values = self._meant(raw, histories.lengths, strangers)[0]
        final = np.where(np.isneginf(values), 0, values)[order]
        return Recommendation([item_ids[at] for at in order], final.tolist())

    def similar_items(self, item_ids: Sequence[str], n: int) -> list[Recommendation]:
        codes = lookup(self.item_ids, item_ids)
        found: list[Recommendation] = []
        for start in range(0, len(codes), BLOCK):
            found += self._similar(codes[start : start + BLOCK], n)
        return found

    def _similar(self, codes: Codes, n: int) -> list[Recommendation]:
        scores = self.scorer.similar(np.maximum(codes, 0))
        known = np.flatnonzero(codes != UNKNOWN)
        scores[known, codes[known]] = 0
        scores[(codes == UNKNOWN) | ~(scores > 0).any(axis=1)] = self._popular()
        scores[known, codes[known]] = -np.inf
        return self._named(*top(scores, n, self.memory.ranks))

    def _popular(self) -> Floats:
        """What somebody without a history gets whom nothing is known of."""
        if self.cold is None:
            return self.memory.popularity
        shares: Floats = self.cold.scores(Histories.empty(1), np.array([UNKNOWN], np.int32))[0]
        return shares

    def _meant(self, scores: Floats, lengths: Offsets, strangers: Mask) -> Floats:
        """Chances where the model is calibrated; shares of all touches for people of whom nothing is told."""
        if self.calibration is None:
            return scores
        if self.newcomers is None:
            chances = self.calibration.chance(scores)
        else:
            chances = self.newcomers.chance(scores, lengths, self.calibration)
        return np.where(strangers[:, None], scores, chances)

    def _coded(self, rows: Sequence[Collection[str]]) -> Histories:
        codes = lookup(self.item_ids, list(chain.from_iterable(rows)))
        lengths = np.fromiter((len(row) for row in rows), np.int64, len(rows))
        owners = np.repeat(np.arange(len(rows)), lengths)[codes != UNKNOWN]
        known = codes[codes != UNKNOWN]
        kept = np.bincount(owners, minlength=len(rows))
        weights = np.full(len(known), self.memory.usual_weight, np.float32)
        return Histories(offsets_of(kept), known, weights)

    def _named(self, items: Codes, scores: Floats, at_least: float | None = None) -> list[Recommendation]:
        names = self.item_ids[items].tolist()
        floor = -np.inf if at_least is None else np.nextafter(np.float32(at_least), np.float32(-np.inf))
        kept = scores > floor
        values = scores.tolist()
        if kept.all():
            return [Recommendation(row, score) for row, score in zip(names, values, strict=True)]
        places = [np.flatnonzero(row).tolist() for row in kept]
        return [
            Recommendation([row[at] for at in at_places], [score[at] for at in at_places])
            for row, score, at_places in zip(names, values, places, strict=True)
        ]
