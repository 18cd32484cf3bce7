"""What campaigns have answered: Amazon Personalize tells CloudWatch each minute, of those that were asked.

https://docs.aws.amazon.com/personalize/latest/dg/cloudwatch-metrics.html
"""

import logging
import re
import time
import urllib.request
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from local_cloud.alarms.definitions import Definition

_NAMESPACE, _DIMENSION = "AWS/Personalize", "CampaignArn"
_ANSWERS = re.compile(rb'^personalize_answers_total\{arn="(.+)",operation="(\w+)"\} (\d+)$', re.MULTILINE)
_EVERY_SECONDS = 1.0
_log = logging.getLogger(__name__)

Counts = Mapping[tuple[str, str], int]
"""by campaign and operation, which is the metric's name"""


@dataclass
class Answers:
    """Of a Personalize server at an address, which counts as long as it runs. now: in seconds."""

    address: str
    now: Callable[[], float] = time.monotonic
    _before: dict[tuple[str, str], int] = field(default_factory=dict)
    _read_at: float = -_EVERY_SECONDS

    def put(self, backend: Any, definitions: Iterable[Definition]) -> None:
        """Into CloudWatch, what the campaigns of these alarms have answered since the last time."""
        watched = {
            (value, stat.metric.name)
            for definition in definitions
            for stat in definition.stats.values()
            if stat.metric.namespace == _NAMESPACE
            for name, value in stat.metric.dimensions
            if name == _DIMENSION
        }
        if not watched or self.now() - self._read_at < _EVERY_SECONDS:
            return
        self._read_at = self.now()
        for (arn, operation), count in sorted(self._read().items()):
            before = self._before.get((arn, operation), 0)
            new = count - before if count >= before else count
            self._before[arn, operation] = count
            if new and (arn, operation) in watched:
                dimensions = [{"Name": _DIMENSION, "Value": arn}]
                datum = {"MetricName": operation, "Dimensions": dimensions, "Value": float(new)}
                backend.put_metric_data(_NAMESPACE, [datum])

    def _read(self) -> Counts:
        """Nothing, of a server that does not answer."""
        try:
            with urllib.request.urlopen(f"{self.address}/metrics", timeout=_EVERY_SECONDS) as answer:
                text: bytes = answer.read()
        except (OSError, HTTPException) as problem:
            _log.debug("the Personalize server tells no figures: %s", problem)
            return {}
        found = _ANSWERS.findall(text)
        return {(arn.decode(), operation.decode()): int(count) for arn, operation, count in found}
