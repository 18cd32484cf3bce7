"""Which of a server's processes have everything at hand: each leaves a mark that the others see."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from personalize_server.disk.faults import Fault


@dataclass(frozen=True)
class Trouble:
    """What cannot answer, by the ARN of a campaign or recommender: why."""

    silent: Mapping[str, str]
    older: Mapping[str, str]
    """what answers, though not from the newest version or data"""
    answering: int
    """how many do answer, in the process that has most of them"""

    def told(self, *, named: bool) -> tuple[bool, Mapping[str, Any]]:
        """Whether anything that is deployed can answer, and what there is to say of it.

        named: with ARNs and reasons, else only how many.
        """
        if not self.silent and not self.older:
            return True, {"status": "ok"}
        ready = not self.silent or self.answering > 0
        status = {"status": "degraded" if ready else "failed"}
        if not named:
            return ready, {**status, "cannotAnswer": len(self.silent), "answerFromOlder": len(self.older)}
        silent, older = (
            [{"arn": arn, "reason": reason} for arn, reason in sorted(found.items())]
            for found in (self.silent, self.older)
        )
        return ready, {**status, "cannotAnswer": silent, "answerFromOlder": older}


class Readiness:
    """Of the process with this number among so many."""

    def __init__(self, folder: Path, number: int = 0, processes: int = 1) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._own = folder / str(number)
        self._all = [folder / str(other) for other in range(processes)]
        self._said = ""
        self.draining = False

    def begin(self, faults: Mapping[str, Fault] | None = None, answering: int = 0) -> None:
        """Everything that is deployed has been loaded, or cannot be; to be said again when that changes.

        Raises: OSError, if there is no room to say it.
        """
        listed = {arn: [fault.reason, fault.answers] for arn, fault in (faults or {}).items()}
        text = json.dumps({"faults": listed, "answering": answering})
        if not self.draining and text != self._said:
            half = self._own.with_suffix(".part")
            half.write_text(text)
            half.replace(self._own)
            self._said = text

    def drain(self) -> None:
        """The process will end: it still answers, but should not be asked any more."""
        self.draining = True
        self._own.unlink(missing_ok=True)

    def everywhere(self) -> bool:
        """Whoever answers the next request has everything at hand."""
        return not self.draining and all(mark.exists() for mark in self._all)

    def trouble(self) -> Trouble:
        """As the processes last said."""
        silent: dict[str, str] = {}
        older: dict[str, str] = {}
        answering = 0
        for mark in self._all:
            try:
                said = json.loads(mark.read_text())
            except (OSError, ValueError):
                continue
            answering = max(answering, said["answering"])
            for arn, (reason, answers) in said["faults"].items():
                (older if answers else silent)[arn] = reason
        return Trouble(silent, older, answering)


def not_ready(folder: Path, number: int = 0) -> None:
    """The process with this number is not there yet, or no longer."""
    (folder / str(number)).unlink(missing_ok=True)
