"""Recommendations and rankings while the asker waits."""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial

from engine.ground.threads import one_blas_thread
from personalize_server.actions.serving import ActionServing
from personalize_server.answers.asking import Asked, asked_of
from personalize_server.answers.deployments import Deployment, Deployments
from personalize_server.answers.recommending import recommended
from personalize_server.answers.reranking import reranked
from personalize_server.answers.restrictions import KnownFilters, Restrictions
from personalize_server.answers.wanted import KINDS, answers_with_actions
from personalize_server.disk.faults import Fault, Faults
from personalize_server.facts.errors import ApiError, CannotAnswer, InvalidInput
from personalize_server.facts.options import Options
from personalize_server.state.context import Answer, Caller, Context, Request, no_wake
from personalize_server.state.recommendation_ids import RecommendationIds
from personalize_server.state.store import Record, Store

DEFAULT_RESULTS = 25
_MOST_RESULTS = 500
_MOST_WITH_METADATA = 50
_LOADED_AT_ONCE = 4
_log = logging.getLogger(__name__)


class Runtime:
    """Used on the event loop; reads on a connection of its own, past the control plane.

    It finds the deployment that a campaign or recommender answers from, and lets `answers` make the list.
    """

    def __init__(self, options: Options, randomness: random.Random | None = None) -> None:
        self._options = options
        self._store = Store(options.state_file, read_only=True)
        self._faults = Faults()
        self._deployments = Deployments(options, self._faults)
        self._ids = RecommendationIds(self._store)
        self._randomness = randomness or random.Random()
        self._actions = ActionServing(options, self._randomness, self._faults)
        self._filters = KnownFilters()
        self._cleanup = ExitStack()
        self._cleanup.enter_context(one_blas_thread())  # a request is too small for two to share

    def close(self) -> None:
        self._deployments.close()
        self._actions.close()
        self._cleanup.close()
        self._store.close()

    async def preload(self) -> None:
        """All that is deployed; what cannot be loaded is left for its first request to say why."""
        revision = self._store.revision()
        waiting = [record for kind in KINDS for record in self._store.everything(kind)]

        async def load() -> None:
            while waiting:
                await self._load(waiting.pop(0), revision)

        await asyncio.gather(*(load() for _ in range(_LOADED_AT_ONCE)))

    async def _load(self, record: Record, revision: int) -> None:
        context = self._context(Caller(record.account, record.region))
        try:
            if answers_with_actions(context, record):
                await self._actions.preload(context, record.arn)
            else:
                await self._deployments.of(context, record.kind, record.arn, revision)
        except Exception as problem:
            if isinstance(problem, ApiError) and not isinstance(problem, CannotAnswer):
                self._faults.forget(record.arn)  # nobody expects an answer: it is not ACTIVE, for one
            _log.warning("not preloaded", extra={"arn": record.arn, "reason": str(problem)})

    @property
    def faults(self) -> Mapping[str, Fault]:
        """What cannot answer."""
        return self._faults.all

    @property
    def answering(self) -> int:
        """How many campaigns and recommenders can answer."""
        return len(self._deployments) + len(self._actions)

    async def try_again(self) -> None:
        """What could not be loaded a while ago."""
        for arn in self._faults.due():
            record = self._store.get(arn)
            if record is None:
                self._faults.forget(arn)
            else:
                await self._load(record, self._store.revision())

    def recommend_at_once(
        self, caller: Caller, request: Request, charge: Callable[[], None]
    ) -> Answer | None:
        """As get_recommendations; None: what it takes has to be loaded or looked at first.

        charge: called before there is work, unless None comes of it. Raises: also what that raises.
        """
        kind = "Campaign" if "campaignArn" in request else "Recommender"
        arn, revision = request.get(f"{kind.lower()}Arn", ""), self._store.revision()
        deployment = self._deployments.at_hand(kind, arn, revision)
        if deployment is None:
            return None
        charge()
        _, _, count = _wanted(request)
        caller.check_owner(arn)
        return self._recommended(caller, deployment, request, arn, count, revision)

    async def get_recommendations(self, caller: Caller, request: Request) -> Answer:
        """The answer of a campaign or recommender.

        Raises: InvalidInput, for neither, both, or too many results.
        """
        kind, arn, count = _wanted(request)
        deployment, revision = await self._deployed(caller, kind, arn)
        return self._recommended(caller, deployment, request, arn, count, revision)

    def _recommended(
        self, caller: Caller, deployment: Deployment, request: Request, arn: str, count: int, revision: int
    ) -> Answer:
        restrictions = self._restrictions(caller, revision)
        items = recommended(self._asked(deployment, request), restrictions, count, self._randomness)
        return {"itemList": items, "recommendationId": self._ids.new(arn)}

    async def get_action_recommendations(self, caller: Caller, request: Request) -> Answer:
        return await self._actions.recommend(self._context(caller), request)

    async def get_personalized_ranking(self, caller: Caller, request: Request) -> Answer:
        """The given items in the order of a campaign. Raises: InvalidInput, for none or too many."""
        items, most = request["inputList"], _most(request)
        if not 1 <= len(items) <= most:
            raise InvalidInput(f"inputList must have 1 to {most} items.")
        arn = request["campaignArn"]
        deployment, revision = await self._deployed(caller, "Campaign", arn)
        restrictions = self._restrictions(caller, revision)
        listed = reranked(self._asked(deployment, request), restrictions, items)
        return {"personalizedRanking": listed, "recommendationId": self._ids.new(arn)}

    async def _deployed(self, caller: Caller, kind: str, arn: str) -> tuple[Deployment, int]:
        """What the campaign or recommender answers from, and the store's revision."""
        revision = self._store.revision()
        return await self._deployments.of(self._context(caller), kind, arn, revision), revision

    def _restrictions(self, caller: Caller, revision: int) -> Restrictions:
        return Restrictions(self._filters, partial(self._context, caller), caller, revision)

    def _context(self, caller: Caller) -> Context:
        return Context(caller, self._store, self._options, self._store.now(), no_wake)

    def _asked(self, deployment: Deployment, request: Request) -> Asked:
        return asked_of(self._store, self._options.quotas.filter_window, deployment, request)


def _wanted(request: Request) -> tuple[str, str, int]:
    """Kind and ARN of what is to recommend, and how many items. Raises: InvalidInput."""
    if ("campaignArn" in request) == ("recommenderArn" in request):
        raise InvalidInput("Either campaignArn or recommenderArn is required.")
    count, most = request.get("numResults", DEFAULT_RESULTS), _most(request)
    if count > most:
        raise InvalidInput(f"numResults must be at most {most}.")
    if "campaignArn" in request:
        return "Campaign", request["campaignArn"], count
    return "Recommender", request["recommenderArn"], count


def _most(request: Request) -> int:
    """Items that an answer can have."""
    return _MOST_WITH_METADATA if request.get("metadataColumns") else _MOST_RESULTS
