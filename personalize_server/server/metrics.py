"""Figures for Prometheus, in its text format."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from personalize_server.server.readiness import Trouble

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""upper bounds of the histogram's buckets, in seconds"""


class RequestMetrics:
    """Used on the event loop."""

    def __init__(self) -> None:
        self._answers: Counter[tuple[str, str]] = Counter()
        self._buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(_BOUNDS) + 1))
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._by_arn: Counter[tuple[str, str]] = Counter()

    def answered(self, operation: str, code: str, seconds: float) -> None:
        """`code` is OK or that of the error."""
        self._answers[operation, code] += 1
        self._buckets[operation][bisect_left(_BOUNDS, seconds)] += 1
        self._seconds[operation] += seconds

    def answered_from(self, arn: str, operation: str) -> None:
        """A campaign or recommender has answered, without an error."""
        self._by_arn[arn, operation] += 1

    def snapshot(self) -> dict[str, Any]:
        """Plain values that `add` takes."""
        return {
            "answers": [[*key, count] for key, count in self._answers.items()],
            "byArn": [[*key, count] for key, count in self._by_arn.items()],
            "buckets": dict(self._buckets),
            "seconds": dict(self._seconds),
        }

    def add(self, snapshot: Mapping[str, Any]) -> None:
        for operation, code, count in snapshot["answers"]:
            self._answers[operation, code] += count
        for arn, operation, count in snapshot["byArn"]:
            self._by_arn[arn, operation] += count
        for operation, counts in snapshot["buckets"].items():
            own = self._buckets[operation]
            own[:] = map(sum, zip(own, counts, strict=True))
        for operation, seconds in snapshot["seconds"].items():
            self._seconds[operation] += seconds

    def lines(self) -> Iterator[str]:
        name = "personalize_requests_total"
        yield from _head(name, "counter", "Requests answered, by operation and error code.")
        for (operation, code), count in sorted(self._answers.items()):
            yield _sample(name, {"operation": operation, "code": code}, count)
        name = "personalize_request_seconds"
        yield from _head(name, "histogram", "Time from a request's arrival to its answer.")
        for operation, buckets in sorted(self._buckets.items()):
            total = 0
            for bound, count in zip((*map(str, _BOUNDS), "+Inf"), buckets, strict=True):
                total += count
                yield _sample(f"{name}_bucket", {"operation": operation, "le": bound}, total)
            yield _sample(f"{name}_sum", {"operation": operation}, self._seconds[operation])
            yield _sample(f"{name}_count", {"operation": operation}, total)

    def lines_by_arn(self) -> Iterator[str]:
        name = "personalize_answers_total"
        yield from _head(name, "counter", "Answers without an error, by campaign or recommender.")
        for (arn, operation), count in sorted(self._by_arn.items()):
            yield _sample(name, {"arn": arn, "operation": operation}, count)


def job_lines(jobs: Iterable[tuple[str, str, int]]) -> Iterator[str]:
    """Of (kind, state, how many)."""
    name = "personalize_jobs"
    yield from _head(name, "gauge", "Background jobs known to the server, by kind of resource and state.")
    for kind, state, count in jobs:
        yield _sample(name, {"kind": kind, "state": state}, count)


def attribution_lines(totals: Iterable[tuple[str, str, str, str, float]]) -> Iterator[str]:
    """Of (attribution's ARN, metric, event type, source, value)."""
    name = "personalize_attributed_value"
    yield from _head(name, "gauge", "What metric attributions have added up, by metric and event source.")
    for attribution, metric, event_type, source, value in totals:
        labels = {"attribution": attribution, "metric": metric, "event_type": event_type, "source": source}
        yield _sample(name, {label: _escaped(text) for label, text in labels.items()}, value)


def fault_lines(trouble: Trouble, *, named: bool) -> Iterator[str]:
    """How many campaigns and recommenders cannot answer, or not from the newest; named: which, and why."""
    kinds = {"none": trouble.silent, "older": trouble.older}
    name = "personalize_faults"
    yield from _head(name, "gauge", "Campaigns and recommenders that have no answers, or older ones.")
    for answers, found in kinds.items():
        yield _sample(name, {"answers": answers}, len(found))
    name = "personalize_fault"
    yield from _head(name, "gauge", "1 for each of them, by ARN and reason.")
    for answers, found in kinds.items() if named else ():
        for arn, reason in sorted(found.items()):
            labels = {"arn": arn, "answers": answers, "reason": reason}
            yield _sample(name, {label: _escaped(text) for label, text in labels.items()}, 1)


def exposition(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode()


def _head(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _sample(name: str, labels: Mapping[str, str], value: float) -> str:
    """Labels as they are to be shown."""
    shown = ",".join(f'{label}="{text}"' for label, text in labels.items())
    return f"{name}{{{shown}}} {value}"


def _escaped(text: str) -> str:
    """What users choose, as the text format wants it."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
