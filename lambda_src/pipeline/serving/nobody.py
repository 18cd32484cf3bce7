"""What a reader whom nobody knows would be answered, on the way that every reader's request takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.serving.asked import Asked
from pipeline.serving.settings import Endpoint
from pipeline.serving.sources import Sources
from pipeline.serving.table import TableFailed

_NOBODY = "health"
_FAILED = ("table_failed", "table_timeout")


@dataclass(frozen=True)
class Nobody:
    """Has no arm, and asks no campaign, server or stored model: without them stored lists answer."""

    sources: Sources
    endpoints: Sequence[Endpoint]

    def is_answered(self) -> bool:
        """Whether there are items for anybody who reads any use case; the first one usually tells.

        Raises: TableFailed, if the table failed on the way, whatever answered instead.
        """
        sources = replace(self.sources, live=None, assigned=lambda _endpoint, _arm: None)
        for endpoint in self.endpoints:
            stored = replace(endpoint, realtime=None, own=None, servers=())
            found = sources.find(stored, Asked(_NOBODY), count=1)
            failed = [reason for reason in found.reasons if reason in _FAILED]
            if failed:
                raise TableFailed(failed[0])
            if found.items:
                return True
        return False
