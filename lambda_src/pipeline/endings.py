"""How an execution ended that could not tell it itself, as an e-mail that can be read.

The execution is the detail of EventBridge's event "Step Functions Execution Status Change":
https://docs.aws.amazon.com/step-functions/latest/dg/cw-events.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_LONGEST_SUBJECT = 100
"""Characters of ASCII that SNS takes."""
_LONGEST_REASON, _LINES_OF_REASON = 2000, 12
_HOW = {"FAILED": "failed", "TIMED_OUT": "timed out", "ABORTED": "was aborted"}
_MESSAGE = re.compile(r'"errorMessage"\s*:\s*(?=")')
_ARN_PARTS = 8
"""arn:aws:states:<region>:<account>:execution:<state machine>:<name>"""


@dataclass(frozen=True)
class Mail:
    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Ended:
    """An execution that has ended. run: as its files are named; None: it is not known when it began."""

    arn: str
    machine: str
    region: str
    how: str
    error: str
    cause: str
    run: str | None

    @classmethod
    def of(cls, detail: Mapping[str, Any]) -> Ended:
        """Error and cause may be missing."""
        arn, began = str(detail["executionArn"]), detail.get("startDate")
        parts = arn.split(":", _ARN_PARTS - 1)
        return cls(
            arn=arn,
            machine=parts[6],
            region=parts[3],
            how=_HOW.get(detail["status"], str(detail["status"])),
            error=str(detail.get("error") or ""),
            cause=str(detail.get("cause") or ""),
            run=_run(int(began)) if began else None,
        )

    @property
    def console(self) -> str:
        page = f"https://{self.region}.console.aws.amazon.com/states/home?region={self.region}"
        return f"{page}#/v2/executions/details/{self.arn}"


def reason_in(cause: str) -> str:
    """The readable part of a cause: of a failed function, which is JSON, its message; the first lines."""
    found = _MESSAGE.search(cause)
    text = cause
    if found:
        try:
            text, _ = json.JSONDecoder().raw_decode(cause, found.end())
        except ValueError:
            text = cause
    lines = [line.rstrip() for line in text[:_LONGEST_REASON].strip().splitlines()]
    return "\n".join(lines[:_LINES_OF_REASON])


def mail(
    ended: Ended,
    *,
    workflow: str,
    use_case: str | None,
    stage: str,
    consequence: str,
    remedy: str,
    known: Sequence[str] = (),
) -> Mail:
    """workflow: what it is called. remedy: the address of what to do. known: lines of what it has done."""
    because = f": {ended.error}" if ended.error else ""
    reason = reason_in(ended.cause)
    paragraphs = (
        (f"{workflow} {ended.how}{because}", f"Reason: {reason}" if reason else ""),
        known,
        (
            f"Use case: {use_case}" if use_case else "",
            f"Stage: {stage}, region {ended.region}",
            f"Run: {ended.run}" if ended.run else "",
        ),
        (consequence, f"What to do: {remedy}", f"The execution: {ended.console}"),
    )
    text = "\n\n".join("\n".join(filter(None, lines)) for lines in paragraphs if lines)
    return Mail(_subject(f"{ended.machine} {ended.how}{because}"), text)


def _subject(words: str) -> str:
    """ASCII on one line, as SNS takes it."""
    plain = " ".join(words.split()).encode("ascii", "replace").decode()
    return plain[:_LONGEST_SUBJECT]


def _run(began: int) -> str:
    """The name of the run that began at the moment, in milliseconds; see `pipeline.times`."""
    moment = datetime.fromtimestamp(began // 1000, UTC)
    return f"{moment:%Y%m%dT%H%M%S}{began % 1000:03d}"
