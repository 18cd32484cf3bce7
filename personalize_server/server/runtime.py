"""Recommendations and rankings while the asker waits."""

import logging
import random
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from engine.ground.arrays import Codes, Floats
from engine.ground.histories import Histories
from engine.ground.threads import one_blas_thread
from engine.ground.vocabulary import UNKNOWN
from engine.scorers.contextual import Context as Circumstances
from personalize_server.actions.serving import ActionServing
from personalize_server.answers.deployments import Deployment, Deployments
from personalize_server.answers.listing import Listing, ask_listing, with_metadata
from personalize_server.answers.ranking import ranked, ranking_scores
from personalize_server.answers.wanted import KINDS, answers_with_actions
from personalize_server.data.interaction_table import weight_of
from personalize_server.facts.errors import InvalidInput
from personalize_server.facts.options import Options
from personalize_server.filters.applying import Newer
from personalize_server.filters.grammar import Filter, FilterError
from personalize_server.filters.parser import parse_filter
from personalize_server.state.context import Answer, Caller, Context, Request, no_wake
from personalize_server.state.recommendation_ids import RecommendationIds
from personalize_server.state.store import Record, Store

DEFAULT_RESULTS = 25
_MOST_RESULTS = 500
_MOST_WITH_METADATA = 50
_FILTER_FRESH_SECONDS = 1.0
_Events = list[Mapping[str, str]]
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Asked:
    """One request with all that its answer depends on."""

    deployment: Deployment
    rows: Codes
    filter_rows: Codes
    """rows of the table that filters look users up in"""
    item: int
    """code of the request's itemId, -1 for none that anything is known of"""
    events: _Events
    """what the user did lately, oldest first"""
    events_by_type: Callable[[], _Events]
    """what filters know of the user: the newest events of every type, in any order"""
    contexts: Sequence[Circumstances]
    """the request's contextual metadata, where it changes anything"""

    @property
    def recent(self) -> Histories | None:
        """The events as items of the model, each at its newest place and with its largest weight."""
        if not self.events:
            return None
        model, solution = self.deployment.inference.model, self.deployment.wanted.plan.solution
        weights: dict[int, float] = {}
        for code, event in zip(self._codes(self.events), self.events, strict=True):
            if 0 <= code < len(model.item_ids):
                weight = weight_of(event, solution, model.memory.usual_weight)
                weights[code] = max(weights.pop(code, weight), weight)
        return replace(Histories.of([list(weights)]), weights=np.array(list(weights.values()), np.float32))

    @cached_property
    def newer(self) -> Newer:
        events = self.events_by_type()
        if not events:
            return []
        pairs = zip(self._codes(events), events, strict=True)
        return [(code, event.get("EVENT_TYPE", "")) for code, event in pairs if code >= 0]

    def _codes(self, events: _Events) -> list[int]:
        return self.deployment.inference.codes([event["ITEM_ID"] for event in events])


class Runtime:
    """Used on the event loop; reads on a connection of its own, past the control plane."""

    def __init__(self, options: Options, randomness: random.Random | None = None) -> None:
        self._options = options
        self._store = Store(options.state_file, read_only=True)
        self._deployments = Deployments(options)
        self._ids = RecommendationIds(self._store)
        self._randomness = randomness or random.Random()
        self._actions = ActionServing(options, self._randomness)
        self._filters: dict[tuple[str, Caller], tuple[int, float, Record, Filter]] = {}
        self._cleanup = ExitStack()
        self._cleanup.enter_context(one_blas_thread())  # a request is too small for two to share

    def close(self) -> None:
        self._deployments.close()
        self._cleanup.close()
        self._store.close()

    async def preload(self) -> None:
        """All that is deployed; what cannot be loaded is left for its first request to say why."""
        revision = self._store.revision()
        for record in (record for kind in KINDS for record in self._store.everything(kind)):
            context = self._context(Caller(record.account, record.region))
            try:
                if answers_with_actions(context, record):
                    await self._actions.preload(context, record.arn)
                else:
                    await self._deployments.of(context, record.kind, record.arn, revision)
            except Exception as problem:
                _log.warning("not preloaded", extra={"arn": record.arn, "reason": str(problem)})

    async def get_recommendations(self, caller: Caller, request: Request) -> Answer:
        if ("campaignArn" in request) == ("recommenderArn" in request):
            raise InvalidInput("Either campaignArn or recommenderArn is required.")
        kind = "Campaign" if "campaignArn" in request else "Recommender"
        count = request.get("numResults", DEFAULT_RESULTS)
        most = _MOST_WITH_METADATA if request.get("metadataColumns") else _MOST_RESULTS
        if count > most:
            raise InvalidInput(f"numResults must be at most {most}.")
        context, revision = self._context(caller), self._store.revision()
        arn = request[f"{kind.lower()}Arn"]
        deployment = await self._deployments.of(context, kind, arn, revision)
        listing = ask_listing(deployment, request, count)
        asked = self._asked(deployment, request)
        known = self._known(context, revision, asked, request, listing)
        if known is not None:
            return {"itemList": known, "recommendationId": self._ids.new(arn)}
        scores = _scores(asked, request)
        promoted = None
        if listing.promotion is not None:
            promoted = scores.copy()
            self._restrict(context, revision, asked, listing.promotion, promoted)
        self._restrict(context, revision, asked, request, scores)
        cold = asked.recent is None and bool(asked.rows[0] < 0)
        items = listing.entries(scores[0], None if promoted is None else promoted[0], cold, self._randomness)
        return {"itemList": items, "recommendationId": self._ids.new(arn)}

    async def get_action_recommendations(self, caller: Caller, request: Request) -> Answer:
        return await self._actions.recommend(self._context(caller), request)

    async def get_personalized_ranking(self, caller: Caller, request: Request) -> Answer:
        items = request["inputList"]
        most = _MOST_WITH_METADATA if request.get("metadataColumns") else _MOST_RESULTS
        if not 1 <= len(items) <= most:
            raise InvalidInput(f"inputList must have 1 to {most} items.")
        context, revision = self._context(caller), self._store.revision()
        deployment = await self._deployments.of(context, "Campaign", request["campaignArn"], revision)
        inference = deployment.inference
        if inference.recipe.type != "PERSONALIZED_RANKING":
            raise InvalidInput("The campaign's recipe is not for GetPersonalizedRanking.")
        columns = Listing.columns_of(deployment, request)
        asked = self._asked(deployment, request)
        scores = ranking_scores(inference, inference.of_users(asked.rows, asked.recent, asked.contexts))
        self._restrict(context, revision, asked, request, scores)
        names, values = ranked(inference, scores[0], list(dict.fromkeys(items)))
        listed: list[Answer] = [
            {"itemId": name, "score": value} for name, value in zip(names, values, strict=True)
        ]
        with_metadata(inference, listed, columns)
        return {"personalizedRanking": listed, "recommendationId": self._ids.new(request["campaignArn"])}

    def _known(
        self, context: Context, revision: int, asked: _Asked, request: Request, listing: Listing
    ) -> list[Answer] | None:
        """From the list that was ranked beforehand, where nothing has happened since that would change it."""
        best, inference, exploration = asked.deployment.best, asked.deployment.inference, listing.exploration
        if asked.events or asked.contexts or listing.promotion is not None or not len(best.items):
            return None
        if exploration is not None and exploration.young:
            return None
        allowed = None
        if "filterArn" in request or asked.deployment.left_out is not None:
            blank = np.zeros((1, inference.width), np.float32)
            self._restrict(context, revision, asked, request, blank)
            allowed = blank[0] == 0
        user = int(asked.rows[0])
        found = best.first(user, listing.count, allowed)
        if found is None:
            return None
        newcomers = None
        if exploration is not None:
            newcomers = inference.of_newcomers(asked.rows, best.scale(user))[0]
            if allowed is not None:
                newcomers[~allowed[exploration.known :]] = -np.inf
        return listing.ranked(*found, newcomers, self._randomness)

    def _context(self, caller: Caller) -> Context:
        return Context(caller, self._store, self._options, time.time(), no_wake)

    def _asked(self, deployment: Deployment, request: Request) -> _Asked:
        inference = deployment.inference
        user = request.get("userId", "")
        rows = inference.rows([user])
        item = inference.codes([request["itemId"]])[0] if "itemId" in request else UNKNOWN
        filter_rows = inference.filter_rows([user], rows)
        contexts = inference.effective(request.get("context"))
        events, by_type = self._events(deployment, user)
        return _Asked(deployment, rows, filter_rows, item, events, by_type, contexts)

    def _events(self, deployment: Deployment, user: str) -> tuple[_Events, Callable[[], _Events]]:
        """The user's newest events, and how to come by the newest of every type."""
        if not user:
            return [], list
        window, dataset = self._options.quotas.filter_window, deployment.interactions_arn
        found = self._store.newest_cells(dataset, user, window)
        events = [event for event in found if event.get("ITEM_ID")]
        if len(found) < window:
            return events, lambda: events
        return events, partial(self._store.newest_cells_by_type, dataset, user, window)

    def _restrict(
        self, context: Context, revision: int, asked: _Asked, request: Request, scores: Floats
    ) -> None:
        """Takes out, in place, what the recipe leaves out and the filter of request or promotion forbids."""
        left_out = asked.deployment.left_out
        if left_out is not None:
            asked.deployment.inference.filters.apply(
                scores, left_out, (), asked.filter_rows, asked.newer, asked.item
            )
        if "filterArn" not in request:
            return
        record, filter_ = self._filter(context, revision, request["filterArn"])
        inference = asked.deployment.inference
        if record.links["datasetGroupArn"] != asked.deployment.group_arn:
            raise InvalidInput("The filter must be of the campaign's dataset group.")
        if filter_.about_item and inference.recipe.type != "RELATED_ITEMS":
            raise InvalidInput("A filter by CurrentItem is only for recommendations of related items.")
        parameters = tuple(sorted(request.get("filterValues", {}).items()))
        newer = asked.newer if filter_.about_interactions else ()
        try:
            inference.filters.apply(scores, filter_, parameters, asked.filter_rows, newer, asked.item)
        except FilterError as problem:
            raise InvalidInput(str(problem)) from None

    def _filter(self, context: Context, revision: int, arn: str) -> tuple[Record, Filter]:
        key, now = (arn, context.caller), time.monotonic()
        known = self._filters.get(key)
        if known is not None and known[0] == revision and now < known[1]:
            return known[2], known[3]
        record = context.find("Filter", arn)
        if not context.active(record):
            raise InvalidInput(f"Resource Arn {record.arn} is not ACTIVE, it is {context.status(record)}.")
        filter_ = parse_filter(record.body["filterExpression"])
        if len(self._filters) >= _MOST_RESULTS:
            self._filters.clear()
        self._filters[key] = (revision, now + _FILTER_FRESH_SECONDS, record, filter_)
        return record, filter_


def _scores(asked: _Asked, request: Request) -> Floats:
    inference = asked.deployment.inference
    match inference.recipe.type:
        case "RELATED_ITEMS":
            influence = asked.deployment.config.get("rankingInfluence")
            return inference.of_items([_needed(request, "itemId")], influence)
        case "PERSONALIZED_RANKING":
            raise InvalidInput("The campaign's recipe is for GetPersonalizedRanking.")
        case "USER_PERSONALIZATION":
            _needed(request, "userId")
            if asked.deployment.exploration is None or not len(inference.newcomers):
                return inference.of_users(asked.rows, asked.recent, asked.contexts)
            scores, scale = inference.of_users_scaled(asked.rows, asked.recent, asked.contexts)
            return np.hstack([scores, inference.of_newcomers(asked.rows, scale, asked.recent)])
        case _:
            return inference.of_users(asked.rows)


def _needed(request: Request, member: str) -> str:
    value = str(request.get(member, ""))
    if not value:
        raise InvalidInput(f"{member} is required by the campaign's recipe.")
    return value
