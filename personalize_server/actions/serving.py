"""GetActionRecommendations: models of actions in memory, replaced without a gap when data move on."""

import asyncio
import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from personalize_server.actions.data import ActionData, build
from personalize_server.actions.exploring import chosen
from personalize_server.answers.image_store import Images
from personalize_server.answers.wanted import Wanted, actions_wanted
from personalize_server.data.dataset_contents import DatasetContent
from personalize_server.disk.faults import Faults
from personalize_server.facts.errors import InvalidInput, ResourceNotFound
from personalize_server.facts.options import Options
from personalize_server.filters.grammar import FilterError
from personalize_server.filters.parser import parse_filter
from personalize_server.state.context import Answer, Context, Request
from personalize_server.state.put_records import last_seq

_FRESH_SECONDS = 1.0
_DEFAULT_RESULTS = 5
_MOST_RESULTS = 100
_NEWEST = 300
"""action interactions of a user that count"""


@dataclass
class _Place:
    data: ActionData
    wanted: Wanted
    """what it is made of"""
    config: Mapping[str, Any] = field(default_factory=dict)
    """campaignConfig"""
    revision: int = -1
    fresh_until: float = 0.0
    loading: "asyncio.Task[None] | None" = None


class ActionServing:
    """Used on the event loop; loading happens in threads, making images in processes."""

    def __init__(self, options: Options, randomness: random.Random, faults: Faults) -> None:
        self._options = options
        self._faults = faults
        self._images = Images(options)
        self._randomness = randomness
        self._places: dict[str, _Place] = {}
        self._first: dict[str, asyncio.Lock] = {}

    def __len__(self) -> int:
        """How many campaigns can answer."""
        return len(self._places)

    def close(self) -> None:
        self._images.close()

    async def recommend(self, context: Context, request: Request) -> Answer:
        """The answer of GetActionRecommendations.

        Raises: InvalidInput, also if the filter cannot be applied; CannotAnswer, if what it answers from is
        damaged.
        """
        if "campaignArn" not in request:
            raise InvalidInput("campaignArn is required.")
        count = request.get("numResults", _DEFAULT_RESULTS)
        if count > _MOST_RESULTS:
            raise InvalidInput(f"numResults must be at most {_MOST_RESULTS}.")
        place = await self._of(context, request["campaignArn"])
        user, data = request.get("userId", ""), place.data
        seen = data.seen(user, _newer(context, place.wanted.plan.action_interactions, user))
        chances = data.chances(user, seen)
        allowed = data.allowed(seen, context.now)
        if "filterArn" in request:
            filter_ = _filter(context, request["filterArn"], place.wanted.plan.group)
            parameters = tuple(sorted(request.get("filterValues", {}).items()))
            try:
                allowed &= data.filtered(filter_, parameters, user, seen)
            except FilterError as problem:
                raise InvalidInput(str(problem)) from None
        listed = chosen(data, chances, allowed, count, place.config, self._randomness)
        names = data.ids[listed].tolist() if listed else []
        scored = [
            {"actionId": name, "score": round(float(chances[action]), 7)}
            for name, action in zip(names, listed, strict=True)
        ]
        return {"actionList": scored, "recommendationId": f"RID-{uuid.uuid4()}"}

    async def preload(self, context: Context, campaign: str) -> None:
        """So that its first request need not wait."""
        await self._of(context, campaign)

    async def _of(self, context: Context, arn: str) -> _Place:
        context.caller.check_owner(arn)
        place, revision = self._places.get(arn), context.store.revision()
        if place is not None and place.revision == revision and time.monotonic() < place.fresh_until:
            return place
        try:
            wanted = actions_wanted(context, arn)
        except ResourceNotFound:
            self._places.pop(arn, None)
            self._faults.forget(arn)
            raise
        if place is None or place.wanted.seq < wanted.seq:  # of a campaign that had the name before
            async with self._first.setdefault(arn, asyncio.Lock()):
                place = self._places.get(arn)
                if place is None or place.wanted.seq < wanted.seq:
                    place = self._places[arn] = _Place(await self._load_first(context, wanted), wanted)
        place.config, place.revision = wanted.config, revision
        place.fresh_until = time.monotonic() + _FRESH_SECONDS
        if place.wanted.image == wanted.image:
            self._faults.forget(arn)
        elif not self._faults.waits(arn, wanted.image) and (place.loading is None or place.loading.done()):
            place.loading = asyncio.create_task(self._replace(context, place, wanted))
        return place

    async def _load_first(self, context: Context, wanted: Wanted) -> ActionData:
        self._faults.check(wanted.arn, wanted.image)
        try:
            return await self._load(context, wanted)
        except Exception as problem:
            self._faults.note(wanted.arn, wanted.image, problem)
            raise self._faults.error(wanted.arn) from problem

    async def _replace(self, context: Context, place: _Place, wanted: Wanted) -> None:
        try:
            place.data, place.wanted = await self._load(context, wanted), wanted
            self._faults.forget(wanted.arn)
        except Exception as problem:
            self._faults.note(wanted.arn, wanted.image, problem, answers=True)

    async def _load(self, context: Context, wanted: Wanted) -> ActionData:
        name = f"{wanted.image}-{_newest_put(context, wanted)}"

        def load() -> ActionData:
            return ActionData.load(wanted.plan, self._images.folder(name, wanted.plan, build))

        return await asyncio.to_thread(load)


def _newest_put(context: Context, wanted: Wanted) -> int:
    """What came one by one is part of an image, but alone no reason to make another."""
    plan = wanted.plan
    contents = (plan.actions, plan.action_interactions, plan.users)
    return max((last_seq(context.store, content.arn) for content in contents if content), default=0)


def _newer(context: Context, dataset: DatasetContent | None, user: str) -> list[Mapping[str, str]]:
    """The user's newest action interactions that came one by one, newest first."""
    if dataset is None or not user:
        return []
    return context.store.newest_cells(dataset.arn, user, _NEWEST)[::-1]


def _filter(context: Context, arn: str, group: str) -> Any:
    record = context.find("Filter", arn)
    if not context.active(record):
        raise InvalidInput(f"Resource Arn {arn} is not ACTIVE, it is {context.status(record)}.")
    if record.links["datasetGroupArn"] != group:
        raise InvalidInput("The filter must be of the campaign's dataset group.")
    parsed = parse_filter(record.body["filterExpression"])
    if parsed.rules[0].target != "ActionID":
        raise InvalidInput("The filter must be about ActionID.")
    return parsed
