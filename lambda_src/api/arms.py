"""What answers were to the arm that they went to: what brings an experiment back, and guards it."""

from __future__ import annotations

from api.telemetry import COUNT, MILLISECONDS, emit
from pipeline.serving.found import Found
from pipeline.serving.settings import NONE, Endpoint

_FAILED = ("_failed", "_timeout")
_ERROR = 500


class ArmTelemetry:
    """Metrics by stage, use case and arm, of a function that handles one request at a time.

    AnswerTime is in milliseconds, of the whole answer. `Errors` are answers that failed altogether (5xx),
    `Failures` those on whose way an error or a time-out was met. An empty list of the arm's variant is a
    fallback, if any other one answers.
    """

    def __init__(self) -> None:
        self._to: tuple[str, str] | None = None
        self._found: Found | None = None

    def assigned(self, endpoint: Endpoint, arm: str | None) -> None:
        """Before anything is looked for, so that it is known of answers that fail as well."""
        self._to = None if arm is None else (endpoint.use_case, arm)

    def found(self, found: Found) -> None:
        self._found = found

    def handled(self, status: int, milliseconds: float) -> None:
        """Of a request; one that was refused (4xx) is nobody's fault."""
        to, found = self._to, self._found
        self._to = self._found = None
        error = status >= _ERROR
        if to is None or (found is None and not error):
            return
        reasons = found.reasons if found else ()
        failed = any(reason.endswith(_FAILED) for reason in reasons)
        emit(
            {
                "Requests": (COUNT, 1),
                "Fallbacks": (COUNT, int(bool(reasons))),
                "Failures": (COUNT, int(failed)),
                "Empty": (COUNT, int(found is not None and found.source == NONE)),
                "Errors": (COUNT, int(error)),
                "AnswerTime": (MILLISECONDS, milliseconds),
            },
            {"use_case": to[0], "arm": to[1]},
        )
