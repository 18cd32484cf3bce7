"""Answers of the stored model, within a budget of milliseconds."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import engine
from engine.ground.vocabulary import lookup
from pipeline.realtime.models import Kept, Models, knows
from pipeline.realtime.newest import Newest
from pipeline.serving.budget import Budget, Exceeded
from pipeline.serving.campaigns import Scored
from pipeline.serving.live import LiveAnswer, LiveFailed, Question
from pipeline.serving.settings import MOST_EVENTS, OwnRealtime

_DIGITS = 7
"""Of a score: as many as its 32 bits hold."""


class StoredModels:
    """The `Live` of functions that have the engine. told: hears what went wrong."""

    def __init__(self, models: Models, newest: Newest, *, told: Callable[[str], None]) -> None:
        self._models = models
        self._newest = newest
        self._told = told
        self._budget = Budget("own")

    def recommend(self, realtime: OwnRealtime, question: Question) -> LiveAnswer:
        """Raises: LiveFailed, and nothing else: another list can answer whatever is wrong with the model."""
        try:
            return self._budget.call(realtime.budget_ms, partial(self._answer, realtime, question))
        except Exceeded as exceeded:
            raise LiveFailed(str(exceeded)) from None
        except Exception as error:
            self._told(f"{question.use_case}: {type(error).__name__}: {error}")
            raise LiveFailed(type(error).__name__) from error

    def _answer(self, realtime: OwnRealtime, question: Question) -> LiveAnswer:
        kept = self._models.get(question.use_case, question.generation)
        if question.of_items:
            return LiveAnswer(_alike(kept.model, question), kept.generation)
        events = question.events
        if realtime.tracked:
            events = (*self._newest.of(question.use_case, question.subject), *events)
        return LiveAnswer(_list(kept, question, events[-MOST_EVENTS:], realtime.touched), kept.generation)


def _list(kept: Kept, question: Question, events: tuple[str, ...], touched: bool) -> tuple[Scored, ...]:
    """Empty for somebody of whom nothing is known: what is popular is stored already."""
    model, user = kept.model, question.subject
    if not knows(model, user) and not (lookup(model.item_ids, events) >= 0).any():
        return ()
    recent = {user: events} if events else None
    [found] = model.recommend([user], question.count, exclude_seen=touched, recent=recent)
    pairs = zip(found.item_ids, found.scores, strict=True)
    return tuple([Scored(id_, float(f"{score:.{_DIGITS}g}")) for id_, score in pairs])


def _alike(model: engine.Model, question: Question) -> tuple[Scored, ...]:
    if not (lookup(model.item_ids, [question.subject]) >= 0).any():
        return ()
    [found] = model.similar_items([question.subject], question.count)
    return tuple([Scored(id_, None) for id_ in found.item_ids])
