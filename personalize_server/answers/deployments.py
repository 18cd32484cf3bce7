"""Models in memory, ready to answer: loaded once, replaced without a gap when campaign or data move on."""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from personalize_server.answers.best_lists import BestLists, of_strangers
from personalize_server.answers.exploration import Exploration, exploration_of
from personalize_server.answers.freshness import Freshness
from personalize_server.answers.image_store import Images
from personalize_server.answers.inference import Inference
from personalize_server.answers.wanted import Wanted, wanted_of
from personalize_server.disk.faults import Faults
from personalize_server.facts.errors import InvalidInput, ResourceNotFound
from personalize_server.facts.options import Options
from personalize_server.filters.grammar import Filter
from personalize_server.filters.parser import parse_filter
from personalize_server.state.context import Context
from personalize_server.state.store import Store

_FRESH_SECONDS = 1.0
_ATTEMPTS = 5
"""to load what is replaced while it is being loaded"""
_FIRST_SECONDS = 8.0
"""A first request waits for the image of all data; then what there is of earlier imports answers it."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Deployment:
    inference: Inference
    best: BestLists
    interactions_arn: str
    """the dataset that events come into"""
    group_arn: str
    config: Mapping[str, Any]
    """campaignConfig or recommenderConfig"""
    exploration: Exploration | None
    wanted: Wanted
    """what it was loaded for"""
    freshness: Freshness
    left_out: Filter | None = None
    """what the recipe never recommends again"""

    @cached_property
    def strangers(self) -> BestLists:
        """The list of all of whom nothing is known, as its only row."""
        return of_strangers(self.inference)

    def advanced(self, store: Store) -> "Deployment":
        """With what was put one by one until now."""
        inference = self.freshness.advanced(store)
        exploration = exploration_of(inference, self.config, self.wanted.new_until)
        return replace(self, inference=inference, exploration=exploration)


@dataclass
class _Place:
    """A campaign's deployment and how long it need not be looked at again."""

    deployment: Deployment
    context: Context
    revision: int = -1
    fresh_until: float = 0.0
    loading: "asyncio.Task[None] | None" = None

    def is_of(self, wanted: Wanted) -> bool:
        """Not of a resource that had the name before."""
        return self.deployment.wanted.seq >= wanted.seq


class Deployments:
    """Used on the event loop; loading happens in threads, making images in processes."""

    def __init__(self, options: Options, faults: Faults) -> None:
        self._options = options
        self._faults = faults
        self._images = Images(options)
        self._places: dict[tuple[str, str], _Place] = {}
        self._turn = asyncio.Lock()
        self._first: dict[tuple[str, str], asyncio.Lock] = {}
        self._puts = Store(options.state_file, read_only=True)
        self._watch: asyncio.Task[None] | None = None

    def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._images.close()
        self._puts.close()

    def __len__(self) -> int:
        """How many can answer."""
        return len(self._places)

    def at_hand(self, kind: str, arn: str, revision: int) -> Deployment | None:
        """What answers for now, without a look at whether there is something newer, or whose it is."""
        place = self._places.get((kind, arn))
        if place is not None and place.revision == revision and time.monotonic() < place.fresh_until:
            return place.deployment
        return None

    async def of(self, context: Context, kind: str, arn: str, revision: int) -> Deployment:
        """`kind` is Campaign or Recommender; `revision` that of the store.

        Raises: ResourceNotFound, if it is not the caller's; CannotAnswer, if what it answers from is damaged,
        or there is no room for it.
        """
        context.caller.check_owner(arn)
        if (known := self.at_hand(kind, arn, revision)) is not None:
            return known
        place = self._places.get((kind, arn))
        try:
            wanted = wanted_of(context, kind, arn)
        except ResourceNotFound:
            self._forget(kind, arn)
            raise
        if place is not None and place.is_of(wanted):
            self._keep_up(place, wanted)
        else:
            async with self._first.setdefault((kind, arn), asyncio.Lock()):
                place = self._places.get((kind, arn))
                if place is None or not place.is_of(wanted):
                    deployment = await self._load_first(context, kind, wanted)
                    place = self._places[kind, arn] = _Place(deployment, context)
                    self._watch = self._watch or asyncio.create_task(self._watch_on())
                    self._keep_up(place, wanted)
        place.revision, place.fresh_until = revision, time.monotonic() + _FRESH_SECONDS
        return place.deployment

    def _forget(self, kind: str, arn: str) -> None:
        self._places.pop((kind, arn), None)
        self._faults.forget(arn)

    def _keep_up(self, place: _Place, wanted: Wanted) -> None:
        """Serves on with what there is while something newer is loaded."""
        if place.deployment.wanted == wanted:
            if self._faults.all:
                self._faults.forget(wanted.arn)
            return
        if self._faults.waits(wanted.arn, wanted.image):
            return
        if place.loading is None or place.loading.done():
            place.loading = asyncio.create_task(self._replace(place, wanted))

    async def _watch_on(self) -> None:
        """Requests are answered from what was put until a moment ago, however long nobody had asked."""
        while True:
            await asyncio.sleep(_FRESH_SECONDS)
            for (kind, arn), place in list(self._places.items()):
                try:
                    await self._watch_over(kind, arn, place)
                except ResourceNotFound:
                    self._forget(kind, arn)
                except InvalidInput:
                    pass  # not ACTIVE at the moment: requests are told so
                except Exception:
                    _log.exception("deployment not brought up to date")

    async def _watch_over(self, kind: str, arn: str, place: _Place) -> None:
        deployment, revision = place.deployment, self._puts.revision()
        if deployment.freshness.due(self._puts):
            newer = await asyncio.to_thread(deployment.advanced, self._puts)
            if place.deployment is deployment:
                place.deployment = newer
        if place.revision != revision:
            wanted = wanted_of(replace(place.context, now=place.context.store.now()), kind, arn)
            if place.is_of(wanted):
                self._keep_up(place, wanted)
                place.revision = revision
            elif self._places.get((kind, arn)) is place:
                del self._places[kind, arn]

    async def _replace(self, place: _Place, wanted: Wanted) -> None:
        try:
            place.deployment = await self._load(wanted)
            self._faults.forget(wanted.arn)
        except Exception as problem:
            self._faults.note(wanted.arn, wanted.image, problem, answers=True)

    async def _load_first(self, context: Context, kind: str, wanted: Wanted) -> Deployment:
        """Of all data, if that is not long in coming; else what there is already, by earlier imports.

        Once more where data was replaced, and what it was before removed, while it was being read.
        """
        arn = wanted.arn
        for attempt in range(_ATTEMPTS):
            if attempt:
                wanted = wanted_of(context, kind, arn)
            self._faults.check(arn, wanted.image)
            older = wanted
            if not attempt and not self._images.has(wanted):
                older = await asyncio.to_thread(self._images.last, wanted)
            try:
                loaded = await self._load_soon(wanted, older)
            except Exception as problem:
                if older is not wanted:
                    continue
                if attempt + 1 == _ATTEMPTS or wanted_of(context, kind, arn).image == wanted.image:
                    self._faults.note(arn, wanted.image, problem)
                    raise self._faults.error(arn) from problem
            else:
                self._faults.forget(arn)
                return loaded
        raise AssertionError("unreachable")

    async def _load_soon(self, wanted: Wanted, older: Wanted) -> Deployment:
        if older is wanted:
            return await self._load(wanted)
        newest = asyncio.create_task(self._load(wanted))
        await asyncio.wait({newest}, timeout=_FIRST_SECONDS)
        if newest.done() and newest.exception() is None:
            return newest.result()
        # Whoever keeps the deployment up loads it again, and tells what is wrong with it.
        newest.add_done_callback(lambda task: task.cancelled() or task.exception())
        return await self._load(older)

    async def _load(self, wanted: Wanted) -> Deployment:
        started = time.monotonic()
        # Threads that load at the same time take turns at the interpreter, which costs more than they gain.
        async with self._turn if self._images.has(wanted) else nullcontext():
            loaded = await asyncio.to_thread(self._loaded, wanted)
        seconds = round(time.monotonic() - started, 3)
        _log.info("deployment loaded", extra={"model": str(wanted.plan.model), "seconds": seconds})
        return loaded

    def _loaded(self, wanted: Wanted) -> Deployment:
        plan = wanted.plan
        inference, best, freshness = self._images.ready(wanted)
        loaded = Deployment(
            inference=inference,
            best=best,
            interactions_arn=plan.interactions.arn if plan.interactions else "",
            group_arn=plan.group,
            config=wanted.config,
            exploration=None,
            wanted=wanted,
            freshness=freshness,
            left_out=_left_out(plan.solution.get("leftOut")),
        )
        return loaded.advanced(self._puts)


def _left_out(event_type: str | None) -> Filter | None:
    """Items that the user has had an event of this type with."""
    if event_type is None:
        return None
    return parse_filter(f'EXCLUDE ItemID WHERE Interactions.EVENT_TYPE IN ("{event_type}")')
