"""Where a list comes from: a campaign, the stored list or the popular items, whichever answers first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.http.problems import Gone
from pipeline.serving.campaigns import CampaignFailed, Campaigns, Scored
from pipeline.serving.memory import Memory, Seen
from pipeline.serving.settings import BATCH, CAMPAIGN, NONE, POPULAR, SIMILAR, Endpoint
from pipeline.serving.table import Items, Table, TableFailed


@dataclass(frozen=True)
class Found:
    """generation: of the list; for a campaign the visible one. reasons: why earlier sources did not answer.
    cache_age: seconds since look-ups of the pointer began to fail. previous: the generation to look in for
    what the visible one may still lack here.
    """

    items: tuple[Scored, ...]
    source: str
    generation: str | None
    reasons: tuple[str, ...] = ()
    cache_age: float = 0.0
    recommendation_id: str | None = None
    previous: str | None = None


@dataclass(frozen=True)
class Sources:
    table: Table
    memory: Memory
    campaigns: Campaigns

    def find(self, endpoint: Endpoint, subject: str, *, count: int, pinned: str | None = None) -> Found:
        """The best list for a user, or for an item in a use case of similar items.

        count: at least so many are wanted, as far as there are. pinned: the generation that the reader began
        with. Raises: Gone, if that one has expired.
        """
        search = _Search(self, endpoint, subject, pinned)
        return search.campaign(count) or search.batch() or search.popular()


class _Search:
    """One request's way through the sources; a table that failed once is not asked a second time."""

    def __init__(self, sources: Sources, endpoint: Endpoint, subject: str, pinned: str | None) -> None:
        self._sources = sources
        self._endpoint = endpoint
        self._subject = subject
        self._pinned = pinned
        self._reasons: list[str] = []
        self._table_answers = True
        self._seen = self._look()
        visible = self._seen.visible
        self._generation = pinned or (visible.generation if visible else None)
        self._previous = visible.previous if visible and not pinned else None

    def _look(self) -> Seen:
        try:
            seen = self._sources.memory.visible(self._endpoint.use_case, self._endpoint.variant)
        except TableFailed as failure:
            self._fail(failure)
            return Seen(None, 0.0, str(failure))
        if seen.failure:
            self._fail(TableFailed(seen.failure))
        elif seen.visible is None:
            self._reasons.append("pointer_missing")
        return seen

    def campaign(self, count: int) -> Found | None:
        realtime = self._endpoint.realtime
        if realtime is None:
            return None
        subject = {"itemId" if self._endpoint.kind == SIMILAR else "userId": self._subject}
        try:
            answer = self._sources.campaigns.recommend(realtime, count=count, **subject)
        except CampaignFailed as failure:
            self._reasons.append("campaign_timeout" if str(failure) == "timeout" else "campaign_failed")
            return None
        if not answer.items:
            self._reasons.append("campaign_empty")
            return None
        # What the table lacks does not matter to an answer of the campaign.
        return Found(
            answer.items,
            CAMPAIGN,
            self._generation,
            (),
            self._seen.age,
            answer.recommendation_id,
            self._previous,
        )

    def batch(self) -> Found | None:
        if self._generation is None or not self._table_answers:
            return None
        try:
            items = self._own_list(self._generation)
            if items is not None:
                return self._found(_unscored(items), BATCH, self._generation)
            self._reasons.append("item_unknown" if self._endpoint.kind == SIMILAR else "user_unknown")
            items = self._own_list(self._previous) if self._previous else None
        except TableFailed as failure:
            self._fail(failure)
            return None
        return None if items is None else self._found(_unscored(items), BATCH, self._previous)

    def _own_list(self, generation: str) -> Items | None:
        """Raises: TableFailed."""
        endpoint = self._endpoint
        return self._sources.table.own_list(endpoint.use_case, self._subject, endpoint.variant, generation)

    def popular(self) -> Found:
        memory, endpoint = self._sources.memory, self._endpoint
        popular = None
        if self._table_answers:
            try:
                popular = memory.popular(endpoint.use_case, endpoint.variant, self._generation)
                if popular is None and self._previous:
                    popular = memory.popular(endpoint.use_case, endpoint.variant, self._previous)
                if popular is None and self._pinned:
                    raise Gone(
                        "What this cursor belongs to has expired: start without a cursor.",
                        code="cursor_expired",
                    )
            except TableFailed as failure:
                self._fail(failure)
        if popular is None:
            popular = memory.last_popular(endpoint.use_case, endpoint.variant)
        if popular is None:
            return self._found((), NONE, self._generation)
        generation, items = popular
        return self._found(_unscored(items), POPULAR, generation)

    def _found(self, items: tuple[Scored, ...], source: str, generation: str | None) -> Found:
        return Found(items, source, generation, tuple(self._reasons), self._seen.age, None, self._previous)

    def _fail(self, failure: TableFailed) -> None:
        self._table_answers = False
        self._reasons.append("table_timeout" if str(failure) == "timeout" else "table_failed")


def _unscored(ids: Iterable[str]) -> tuple[Scored, ...]:
    return tuple([Scored(id_, None) for id_ in ids])
