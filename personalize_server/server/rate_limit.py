"""Refuses requests that come faster than they may, whichever process they come to."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from personalize_server.facts.errors import Throttled
from personalize_server.facts.rates import Rates
from personalize_server.server.shared_buckets import SharedBuckets
from personalize_server.state.context import Caller

_COUNTED_BY: Mapping[str, tuple[str, str]] = {
    "PutEvents": ("put_events", "trackingId"),
    "PutActionInteractions": ("put_action_interactions", "trackingId"),
    "PutItems": ("put_items", "datasetArn"),
    "PutUsers": ("put_users", "datasetArn"),
    "PutActions": ("put_actions", "datasetArn"),
}
"""the limit of an operation, and the member that tells the dataset group"""


class RateLimit:
    """Raises: Throttled, for what is too much; what is refused does not count."""

    def __init__(self, rates: Rates, buckets: SharedBuckets) -> None:
        self._rates = rates
        self._buckets = buckets

    def check_control(self, operation: str, caller: Caller) -> None:
        self._take([(f"{operation} {caller.account} {caller.region}", self._rates.control)])

    def check_data(self, operation: str, caller: Caller, request: Mapping[str, Any]) -> None:
        """Of the runtime and the events; the request is a valid one."""
        self._take(self._of_data(operation, caller, request))

    def close(self) -> None:
        self._buckets.close()

    def _of_data(
        self, operation: str, caller: Caller, request: Mapping[str, Any]
    ) -> Iterator[tuple[str, float]]:
        whose = f"{caller.account} {caller.region}"
        if operation in _COUNTED_BY:
            limit, member = _COUNTED_BY[operation]
            yield f"{operation} {whose} {request[member]}", getattr(self._rates, limit)
        else:
            yield f"runtime {whose}", self._rates.runtime
            asked = request.get("campaignArn") or request.get("recommenderArn")
            yield f"campaign {whose} {asked}", self._rates.campaign

    def _take(self, wanted: Iterable[tuple[str, float]]) -> None:
        limited = [(name, rate) for name, rate in wanted if rate]
        if limited and not self._buckets.take(limited):
            raise Throttled("Rate exceeded")
