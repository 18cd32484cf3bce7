"""Where a list comes from: real time, the stored list or the popular items, whichever answers first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from pipeline.http.problems import Gone
from pipeline.serving.asked import Asked
from pipeline.serving.campaigns import CampaignFailed, Campaigns, Scored
from pipeline.serving.choice import Choice, chosen
from pipeline.serving.denied import Denied
from pipeline.serving.found import Found
from pipeline.serving.live import Live, LiveFailed, Question
from pipeline.serving.memory import Memory, Seen
from pipeline.serving.settings import (
    BATCH,
    CAMPAIGN,
    CATALOGUE,
    NONE,
    OWN,
    POPULAR,
    REALTIME,
    SIMILAR,
    Endpoint,
)
from pipeline.serving.table import Items, Table, TableFailed

_MORE_TRIES = 2


@dataclass(frozen=True)
class Sources:
    """live: the stored models of the variant `own`, in functions that have them. assigned: hears the arm of
    every request, before anything is looked for.
    """

    table: Table
    memory: Memory
    campaigns: Campaigns
    live: Live | None = None
    assigned: Callable[[Endpoint, str | None], None] = lambda _endpoint, _arm: None

    def find(self, endpoint: Endpoint, asked: Asked, *, count: int) -> Found:
        """The best list: of the variant that is due, or else of the default one, or of another.

        count: at least so many are wanted, as far as there are. Raises: Gone, if the generation that the
        reader began with has expired.
        """
        search = _Search(self, endpoint, asked)
        if search.opted_out:
            return search.popular()
        count += search.denied.reserve
        return search.campaign(count) or search.stored_model(count) or search.batch() or search.popular()

    def catalogue_only(self, endpoint: Endpoint, asked: Asked) -> Found:
        """Once a reader is past the matches; where there is one variant, nothing is looked up for it."""
        if not endpoint.others:
            denied = Denied.now(self.memory.deny_lists, endpoint.use_case)
            return Found((), CATALOGUE, endpoint.variant, asked.generation, denied=denied)
        return _Search(self, endpoint, asked).nothing(CATALOGUE)


class _Search:
    """One request's way through the sources; a table that failed once is not asked a second time."""

    def __init__(self, sources: Sources, endpoint: Endpoint, asked: Asked) -> None:
        self._sources = sources
        self._endpoint = endpoint
        self._asked = asked
        self._reasons: list[str] = []
        self._table_answers = True
        self._seen = self._look()
        lists = sources.memory.deny_lists
        self.denied = Denied.now(lists, endpoint.use_case, ask=self._table_answers)
        self._choice = self._choose()
        self.opted_out = endpoint.kind != SIMILAR and sources.memory.opt_outs.has(
            asked.subject, ask=self._table_answers
        )
        if self.opted_out:
            self._reasons.append("opted_out")

    def _look(self) -> Seen:
        try:
            seen = self._sources.memory.look(self._endpoint.use_case, self._endpoint.variants)
        except TableFailed as failure:
            self._fail(failure)
            return Seen({}, 0.0, str(failure))
        if seen.failure:
            self._fail(TableFailed(seen.failure))
        return seen

    def _choose(self) -> Choice:
        choice = chosen(self._endpoint, self._seen, self._asked.unit, kept=self._asked.variant)
        self._sources.assigned(self._endpoint, choice.arm)
        self._reasons += choice.reasons
        if self._table_answers and choice.first not in self._seen.visible:
            self._reasons.append("pointer_missing")
        return choice

    @property
    def _variants(self) -> tuple[str, ...]:
        """In the order in which they are looked at. Pages of a generation are those of its variant."""
        return self._choice.order if self._asked.generation is None else self._choice.order[:1]

    def _generation(self, variant: str) -> str | None:
        visible = self._seen.visible.get(variant)
        return self._asked.generation or (visible.generation if visible else None)

    def _previous(self, variant: str) -> str | None:
        visible = self._seen.visible.get(variant)
        return visible.previous if visible and not self._asked.generation else None

    def _earlier(self, variant: str) -> str | None:
        visible = self._seen.visible.get(variant)
        return visible.earlier if visible and not self._asked.generation else None

    def campaign(self, count: int) -> Found | None:
        variant = self._choice.first
        realtime = self._endpoint.campaign_of(variant)
        if realtime is None:
            return None
        subject = {"itemId" if self._endpoint.kind == SIMILAR else "userId": self._asked.subject}
        try:
            answer = self._sources.campaigns.recommend(realtime, count=count, **subject)
        except CampaignFailed as failure:
            self._reasons.append("campaign_timeout" if str(failure) == "timeout" else "campaign_failed")
            return None
        if not self.denied.leaves(item.id for item in answer.items):
            self._reasons.append("campaign_empty")
            return None
        # What the table lacks does not matter to an answer of the campaign.
        self._reasons = list(self._choice.reasons)
        # What a reader began with is not where this answer comes from.
        visible = self._seen.visible.get(variant)
        generation = visible.generation if visible else None
        return self._found(answer.items, CAMPAIGN, variant, generation, answer.recommendation_id)

    def stored_model(self, count: int) -> Found | None:
        own, live, variant = self._endpoint.own, self._sources.live, self._choice.first
        if own is None or live is None or variant != OWN:
            return None
        visible = self._seen.visible.get(variant)
        question = Question(
            use_case=self._endpoint.use_case,
            subject=self._asked.subject,
            of_items=self._endpoint.kind == SIMILAR,
            count=count,
            events=self._asked.events,
            generation=visible.generation if visible else None,
        )
        try:
            answer = live.recommend(own, question)
        except LiveFailed as failure:
            self._reasons.append("own_timeout" if str(failure) == "timeout" else "own_failed")
            return None
        if not self.denied.leaves(item.id for item in answer.items):
            self._reasons.append("own_empty")
            return None
        self._reasons = list(self._choice.reasons)
        return self._found(answer.items, REALTIME, variant, answer.generation)

    def batch(self) -> Found | None:
        try:
            for variant in self._variants if self._table_answers else ():
                found = self._batch(variant)
                if found:
                    return found
        except TableFailed as failure:
            self._fail(failure)
        return None

    def _batch(self, variant: str) -> Found | None:
        """Raises: TableFailed."""
        for generation in (self._generation(variant), self._previous(variant)):
            if generation is None:
                continue
            items = self._own_list(variant, generation)
            # Where there are others to ask, an empty list is none.
            if items is not None and (self.denied.leaves(items) or not (items or len(self._variants) > 1)):
                return self._found(_unscored(items), BATCH, variant, generation)
            unknown = "item_unknown" if self._endpoint.kind == SIMILAR else "user_unknown"
            reason = "all_denied" if items else unknown
            if reason not in self._reasons:
                self._reasons.append(reason)
        return None

    def _own_list(self, variant: str, generation: str) -> Items | None:
        """Raises: TableFailed."""
        table = self._sources.table
        return table.own_list(self._endpoint.use_case, self._asked.subject, variant, generation)

    def popular(self) -> Found:
        popular = None
        if self._table_answers:
            try:
                popular = next(self._popular(), None)
                if popular is None and self._asked.generation:
                    raise Gone(
                        "What this cursor belongs to has expired: start without a cursor.",
                        code="cursor_expired",
                    )
            except TableFailed as failure:
                self._fail(failure)
            earlier = self._of_earlier_epoch() if popular is None and self._table_answers else None
            if earlier:
                return earlier
        if popular is None:
            popular = next(self._last_popular(), None) or self._popular_after_all()
        if popular is None:
            return self.nothing(NONE)
        variant, generation, items = popular
        return self._found(_unscored(items), POPULAR, variant, generation)

    def _popular(self) -> Iterator[tuple[str, str, Items]]:
        """With variant and generation; first of what is published. Raises: TableFailed."""
        memory, use_case = self._sources.memory, self._endpoint.use_case
        for variant in sorted(self._variants, key=lambda variant: self._generation(variant) is None):
            generation, previous = self._generation(variant), self._previous(variant)
            found = memory.popular(use_case, variant, generation)
            if found is None and previous:
                found = memory.popular(use_case, variant, previous)
            if found and (self.denied.leaves(found[1]) or len(self._variants) == 1):
                yield variant, *found

    def _of_earlier_epoch(self) -> Found | None:
        """Only when nothing is here of what is visible, which comes from another region: whoever has seen
        anything of it does not see older lists again.
        """
        try:
            for variant in self._variants:
                earlier = self._earlier(variant)
                if earlier is None:
                    continue
                items, source = self._own_list(variant, earlier), BATCH
                if items is None:
                    found = self._sources.memory.popular(self._endpoint.use_case, variant, earlier)
                    items, source = found[1] if found else None, POPULAR
                if items:
                    return self._found(_unscored(items), source, variant, earlier)
        except TableFailed as failure:
            self._fail(failure)
        return None

    def _popular_after_all(self) -> tuple[str, str, Items] | None:
        """A function that has just started, or since when another region publishes, remembers nothing: a
        table that failed is asked again, for what comes otherwise is an empty list. What is newest is taken
        only where there is no pointer: where it was not read it may be of an epoch that has ended.
        """
        memory, endpoint = self._sources.memory, self._endpoint
        for _ in range(0 if self._table_answers else _MORE_TRIES):
            with suppress(TableFailed):
                if not self._seen.visible:
                    self._seen = memory.look(endpoint.use_case, endpoint.variants)
                return next(self._popular(), None)
        return None

    def _last_popular(self) -> Iterator[tuple[str, str, Items]]:
        for variant in self._variants:
            found = self._sources.memory.last_popular(self._endpoint.use_case, variant)
            if found and (found[1] or len(self._variants) == 1):
                yield variant, *found

    def nothing(self, source: str) -> Found:
        variant = self._choice.first
        return self._found((), source, variant, self._generation(variant))

    def _found(
        self,
        items: tuple[Scored, ...],
        source: str,
        variant: str,
        generation: str | None,
        recommendation_id: str | None = None,
    ) -> Found:
        kept = self.denied.without(items)
        return Found(
            items=kept,
            source=source,
            variant=variant,
            generation=generation,
            reasons=tuple(self._reasons),
            cache_age=self._seen.age,
            recommendation_id=recommendation_id,
            previous=self._previous(variant) or self._earlier(variant),
            arm=self._choice.arm,
            experiment=self._choice.experiment,
            denied=self.denied,
            withheld=len(items) - len(kept),
        )

    def _fail(self, failure: TableFailed) -> None:
        self._table_answers = False
        self._reasons.append("table_timeout" if str(failure) == "timeout" else "table_failed")


def _unscored(ids: Iterable[str]) -> tuple[Scored, ...]:
    return tuple([Scored(id_, None) for id_ in ids])
