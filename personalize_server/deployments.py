"""Models in memory, ready to answer: loaded once, replaced without a gap when campaign or data move on."""

import asyncio
import json
import logging
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from personalize_server.context import Context
from personalize_server.errors import InvalidInput
from personalize_server.inference import Inference
from personalize_server.options import Options
from personalize_server.plans import inference_plan
from personalize_server.store import Record
from personalize_server.updates import effective_body
from personalize_server.work import load_inference

_FRESH_SECONDS = 1.0
LATEST = "/$LATEST"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Deployment:
    inference: Inference
    interactions_arn: str
    """the dataset that events come into"""
    group_arn: str
    plan: Mapping[str, Any]


@dataclass
class _Place:
    """A campaign's deployment and how long it need not be looked at again."""

    deployment: Deployment
    key: str
    changes: int
    fresh_until: float
    loading: "asyncio.Task[None] | None" = None

    def is_fresh(self, changes: int) -> bool:
        return self.changes == changes and time.monotonic() < self.fresh_until


class Deployments:
    """Used on the event loop; loading happens in threads."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._places: dict[tuple[str, str], _Place] = {}
        self._first: dict[tuple[str, str], asyncio.Lock] = {}

    async def of(self, context: Context, kind: str, arn: str) -> Deployment:
        """`kind` is Campaign or Recommender."""
        place = self._places.get((kind, arn))
        if place is not None and place.is_fresh(context.store.changes):
            context.check_owner(arn)
            return place.deployment
        plan = self._plan(context, kind, arn)
        key = json.dumps(plan, sort_keys=True)
        if place is None:
            async with self._first.setdefault((kind, arn), asyncio.Lock()):
                place = self._places.get((kind, arn))
                if place is None:
                    place = _Place(await self._load(plan), key, 0, 0.0)
                    self._places[kind, arn] = place
        place.changes, place.fresh_until = context.store.changes, time.monotonic() + _FRESH_SECONDS
        if place.key != key and (place.loading is None or place.loading.done()):
            place.loading = asyncio.create_task(self._replace(place, plan, key))
        return place.deployment

    async def _replace(self, place: _Place, plan: Mapping[str, Any], key: str) -> None:
        try:
            place.deployment, place.key = await self._load(plan), key
        except Exception:
            _log.exception("deployment not replaced")

    async def _load(self, plan: Mapping[str, Any]) -> Deployment:
        started = time.monotonic()

        def load() -> Inference:
            with tempfile.TemporaryDirectory(dir=self._scratch()) as scratch:
                return load_inference({**plan, "scratch": scratch})

        inference = await asyncio.to_thread(load)
        seconds = round(time.monotonic() - started, 3)
        _log.info("deployment loaded", extra={"model": plan["model"], "seconds": seconds})
        return Deployment(inference, (plan["interactions"] or {}).get("arn", ""), plan["group"], plan)

    def _plan(self, context: Context, kind: str, arn: str) -> dict[str, Any]:
        asked = context.find(kind, arn)
        if not context.active(asked):
            raise InvalidInput(f"Resource Arn {arn} is not ACTIVE, it is {context.status(asked)}.")
        version = asked
        if kind == "Campaign":
            version = active_version(context, str(effective_body(context, asked)["solutionVersionArn"]))
        group = version.links["datasetGroupArn"]
        return {**inference_plan(context.store, self._options, version), "group": group}

    def _scratch(self) -> Path:
        folder = self._options.data / "loading"
        folder.mkdir(exist_ok=True)
        return folder


def active_version(context: Context, arn: str) -> Record:
    """The version itself, or the newest ACTIVE one behind a solution's $LATEST."""
    if not arn.endswith(LATEST):
        return context.find("SolutionVersion", arn)
    versions = context.linked(arn.removesuffix(LATEST), kind="SolutionVersion", member="solutionArn")
    return [version for version in versions if context.active(version)][-1]
