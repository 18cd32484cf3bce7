"""What an invocation answers, and an event that cannot be read."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class InvokeResult:
    """`payload` is JSON; with `function_error`, {"errorMessage", "errorType", ...} as Lambda shapes it."""

    request_id: str
    payload: bytes
    function_error: str | None
    log_tail: str
    executed_version: str = "$LATEST"


class InvalidPayload(ValueError):
    """The event is not JSON."""
