"""A trained model: what is remembered of the data, plus an algorithm's way of scoring."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.data.memory import DENSE_ITEMS, Memory
from engine.ground.arrays import Codes, Floats, Ids, Mask, Offsets
from engine.ground.histories import Histories
from engine.ground.places import placed_among, places_among
from engine.ground.ranking import exclude as take_out
from engine.ground.ranking import top
from engine.ground.threads import blocks
from engine.ground.vocabulary import UNKNOWN, lookup
from engine.scorers.among import candidates, scores_among, similar_among
from engine.scorers.contextual import Context, ContextModel
from engine.scorers.scorer import Scorer
from engine.serving.calibration import ByLength, Calibration
from engine.serving.new_items import places, with_new_items
from engine.serving.recommender import Recommendation, coded, named
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
    dense_items: int = DENSE_ITEMS
    """of more items, lists are made of candidates (engine/scorers/among.py)"""

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
        among: Codes | None = None,
    ) -> tuple[Floats, Mask]:
        """Rows x items for lists of n without the unwanted ones (a row each), which are not excluded yet.

        And per row: is the user served as a stranger, because the model says nothing of what may be served?
        among: of one row, the only items that are scored; unwanted ones are then places among them.
        """
        codes = np.full(len(histories), UNKNOWN, np.int32) if users is None else users
        if among is None:
            scores = self.scorer.scores(histories, codes)
        else:
            scores = scores_among(self.scorer, histories, codes, among)
        strangers = settled(scores, unwanted, n) | (histories.lengths == 0)
        without = np.flatnonzero(strangers)
        if len(without):
            scores[without] = self._of_strangers(codes[without], among)
        if contexts and self.context is not None:
            told = np.where(strangers, UNKNOWN, np.arange(len(histories)))
            known = histories.take(told) if len(without) else histories
            self.context.apply(scores, known, contexts, among)
        return scores, strangers

    def _of_strangers(self, codes: Codes, among: Codes | None) -> Floats:
        if self.cold is None:
            return self.memory.popularity if among is None else self.memory.popularity[among]
        empty = Histories.empty(len(codes))
        return (
            self.cold.scores(empty, codes) if among is None else scores_among(self.cold, empty, codes, among)
        )

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
        strangers = np.empty(len(histories), np.bool_)

        def work(start: int, stop: int) -> None:
            codes = None if users is None else users[start:stop]
            unwanted = None if exclude is None else exclude.slice(start, stop)
            part = histories.slice(start, stop)
            asked = part, n, codes, unwanted, rerank, contexts[start:stop]
            among = self._candidates(part) if self._many else None
            found = self._listed(*asked, among)
            if among is not None and np.isneginf(found[1]).any():
                found = self._listed(*asked, None)  # so much is unwanted that the others are needed too
            best[start:stop], values[start:stop], strangers[start:stop] = found

        for _ in blocks(work, len(histories), size=1 if self._many else BLOCK, threads=threads):
            pass
        return best, values, strangers

    @property
    def _many(self) -> bool:
        return len(self.item_ids) > self.dense_items

    def _candidates(self, history: Histories) -> Codes | None:
        found = candidates([self.scorer], history, self.memory.by_popularity)
        return None if found is None or len(found) > len(self.item_ids) // 2 else found

    def _listed(
        self,
        histories: Histories,
        n: int,
        users: Codes | None,
        exclude: Histories | None,
        rerank: Rerank | None,
        contexts: Sequence[Context],
        among: Codes | None,
    ) -> tuple[Codes, Floats, Mask]:
        """Of some rows what `_top` gives; of one, if only the items among these are scored."""
        wanted = max(n, rerank.pool) if rerank is not None and rerank.reorders else n
        popularity, ranks = self.memory.popularity, self.memory.ranks
        if among is not None:
            popularity, ranks = popularity[among], ranks[among]
            exclude = None if exclude is None else placed_among(among, exclude)
        scores, strangers = self._scored(histories, users, contexts, exclude, wanted, among)
        if exclude is not None:
            take_out(scores, exclude)
        items, values = top(scores, wanted, ranks)
        if rerank is not None and rerank.reorders:
            items, values = reranked(items, values, n, rerank, popularity, partial(self._alike_places, among))
        if rerank is not None and (new := places(min(n, len(self.item_ids)), rerank.new_items)):
            items, values = with_new_items(items, values, scores, popularity == 0, new, ranks)
        return items if among is None else among[items], values, strangers

    def _alike_places(self, among: Codes | None, places: Codes) -> Floats:
        return self._alike(among, places if among is None else among[places])

    def _alike(self, among: Codes | None, items: Codes) -> Floats:
        return self.scorer.similar(items) if among is None else similar_among(self.scorer, items, among)

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
        unwanted = None if exclude is None else coded(self.memory, exclude)
        items, scores = self.ranked(
            user_ids,
            n,
            exclude=unwanted,
            exclude_seen=exclude_seen,
            recent=recent,
            rerank=rerank,
            context=context,
        )
        return named(self.item_ids, items, scores, at_least)

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
            newer = coded(self.memory, [recent.get(user, ()) for user in user_ids])
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
        codes = lookup(self.item_ids, item_ids)
        among = self._candidates(histories) if self._many else None
        among = None if among is None else np.union1d(among, codes[codes != UNKNOWN]).astype(np.int32)
        scores, strangers = self._scored(histories, users, contexts, None, len(self.item_ids), among)
        at = codes if among is None else places_among(among, codes)[0]
        raw = np.where(codes == UNKNOWN, -np.inf, scores[:, at])
        order = np.lexsort((self.memory.ranks[codes], -raw[0]))  # before chances, which scores may share
        values = self._meant(raw, histories.lengths, strangers)[0]
        final = np.where(np.isneginf(values), 0, values)[order]
        return Recommendation([item_ids[at] for at in order], final.tolist())

    def similar_items(self, item_ids: Sequence[str], n: int) -> list[Recommendation]:
        codes = lookup(self.item_ids, item_ids)
        block = 1 if self._many else BLOCK
        parts = (self._similar(codes[at : at + block], n) for at in range(0, len(codes), block))
        return [one for part in parts for one in part]

    def _similar(self, codes: Codes, n: int) -> list[Recommendation]:
        known = np.flatnonzero(codes != UNKNOWN)
        among = self._candidates(Histories.of([codes[known].tolist()])) if self._many else None
        own = codes[known] if among is None else places_among(among, codes[known])[0]
        scores = self._alike(among, np.maximum(codes, 0))
        scores[known, own] = 0
        without = (codes == UNKNOWN) | ~(scores > 0).any(axis=1)
        scores[without] = self._of_strangers(np.array([UNKNOWN], np.int32), among)
        scores[known, own] = -np.inf
        items, values = top(scores, n, self.memory.ranks if among is None else self.memory.ranks[among])
        return named(self.item_ids, items if among is None else among[items], values)

    def _meant(self, scores: Floats, lengths: Offsets, strangers: Mask) -> Floats:
        """Chances where the model is calibrated; shares of all touches for people of whom nothing is told."""
        if self.calibration is None:
            return scores
        if self.newcomers is None:
            chances = self.calibration.chance(scores)
        else:
            chances = self.newcomers.chance(scores, lengths, self.calibration)
        return np.where(strangers[:, None], scores, chances)
