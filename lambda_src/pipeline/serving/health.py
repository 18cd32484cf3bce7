"""Whether a region can serve readers: found out by reading as they do, in the function that answers
them, every few seconds at most.

A region is healthy if its copy of the serving table answers, and a reader whom nobody knows gets a list. How
old that is counts for nothing: lists are copied to all regions and grow old in all of them at once, so that
no reader would be better off elsewhere, and each region would send readers to the other one. Nor does it
matter which region is the active one: all serve.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import UnknownFormat
from pipeline.http.problems import Unavailable
from pipeline.http.request import Request
from pipeline.http.response import Response
from pipeline.regions.epoch import ACTIVE, DRAINING
from pipeline.regions.epochs import Epochs
from pipeline.serving.nobody import Nobody
from pipeline.serving.table import Table, TableFailed

ROUTE = "GET /v1/health"
SECONDS = 5
"""For which an answer is remembered, good or bad."""
FENCED, UNKNOWN = "fenced", "unknown"
STATES = (ACTIVE, DRAINING, FENCED, UNKNOWN)
SILENT, UNPUBLISHED, EMPTY = "table_unavailable", "nothing_published", "nothing_served"
"""Codes of problems."""


class Unhealthy(Unavailable):
    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail, retry_after_seconds=SECONDS)
        self.code = code


@dataclass(frozen=True)
class _Wrong:
    code: str
    detail: str


@dataclass
class Health:
    """Of one process. nobody: reads as readers do. served: variants by use case. role: primary, standby or
    replica. clock: monotonic, now: since 1970, both in seconds. told: hears of what a look has found, whether
    it is healthy, and why not.
    """

    table: Table
    epochs: Epochs
    nobody: Nobody
    served: Mapping[str, Sequence[str]]
    role: str
    told: Callable[[bool, str], None]
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
    _found: dict[str, Any] | _Wrong | None = None
    _looked_at: float = 0.0

    def answer(self, _request: Request) -> Response:
        """Raises: Unhealthy, if readers should go elsewhere."""
        moment = self.clock()
        if self._found is None or moment - self._looked_at >= SECONDS:
            self._found, self._looked_at = self._look(), moment
        if isinstance(self._found, _Wrong):
            raise Unhealthy(self._found.code, self._found.detail)
        return Response(self._found, headers={"Cache-Control": "no-store"})

    def _look(self) -> dict[str, Any] | _Wrong:
        try:
            found = self._read()
            answered = not found["listAges"] or self.nobody.is_answered()
        except (TableFailed, ClientError, BotoCoreError) as error:
            self.told(False, f"{type(error).__name__}: {error}")
            return _Wrong(SILENT, "The serving table does not answer in this region.")
        if self.served and not found["listAges"]:
            self.told(False, "nothing published")
            return _Wrong(UNPUBLISHED, "Nothing has been published in this region yet.")
        if not answered:
            self.told(False, "nothing of what is published answers")
            return _Wrong(EMPTY, "What has been published is not here, or is empty.")
        self.told(True, "")
        return found

    def _read(self) -> dict[str, Any]:
        epoch, state = self._standing()
        published = [self.table.published_at(case, variants) for case, variants in self.served.items()]
        now = self.now()
        ages = sorted(
            (round(max(now - moment, 0)) for moment in published if moment is not None), reverse=True
        )
        return {
            "status": "healthy",
            "region": self.epochs.region,
            "role": self.role,
            "state": state,
            **({} if epoch is None else {"epoch": epoch}),
            "listAges": ages,
            "unpublished": len(published) - len(ages),
        }

    def _standing(self) -> tuple[int | None, str]:
        """Readers are served whatever a newer version has written about regions."""
        try:
            epoch = self.epochs.current()
        except UnknownFormat:
            return None, UNKNOWN
        return epoch.number, epoch.state if epoch.region == self.epochs.region else FENCED
