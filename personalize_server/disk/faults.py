"""What cannot be answered from at the moment, and why; tried again now and then, not with every request."""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from personalize_server.facts.errors import CannotAnswer
from personalize_server.facts.failures import JobFailed

_PAUSE_SECONDS = 10.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fault:
    reason: str
    answers: bool
    """from what was there before"""
    of: str
    """which version and data could not be loaded"""
    until: float
    """when it is tried again, by the monotonic clock"""


class Faults:
    """By the ARN of a campaign or recommender; used on the event loop."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._faults: dict[str, Fault] = {}

    @property
    def all(self) -> Mapping[str, Fault]:
        return self._faults

    def note(self, arn: str, of: str, problem: Exception, *, answers: bool = False) -> None:
        """Logs what a JobFailed says, and of anything else where it comes from."""
        known = isinstance(problem, JobFailed)
        reason = str(problem) if known else f"internal error: {problem!r}"
        _log.error("not loaded", exc_info=None if known else problem, extra={"arn": arn, "reason": reason})
        self._faults[arn] = Fault(reason, answers, of, self._clock() + _PAUSE_SECONDS)

    def waits(self, arn: str, of: str) -> bool:
        """Has it just been tried in vain?"""
        fault = self._faults.get(arn)
        return fault is not None and fault.of == of and self._clock() < fault.until

    def check(self, arn: str, of: str) -> None:
        """Raises: CannotAnswer, if it has just been tried in vain."""
        if self.waits(arn, of):
            raise self.error(arn)

    def error(self, arn: str) -> CannotAnswer:
        return CannotAnswer(f"Resource Arn {arn} cannot answer: {self._faults[arn].reason}")

    def forget(self, arn: str) -> None:
        """It answers, or is no more."""
        self._faults.pop(arn, None)

    def due(self) -> list[str]:
        """Those that may be tried again."""
        return [arn for arn, fault in self._faults.items() if self._clock() >= fault.until]
