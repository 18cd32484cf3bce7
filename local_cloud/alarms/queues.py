"""How many messages wait in queues that alarms look at: CloudWatch is told each minute by SQS.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from moto.sqs.models import sqs_backends

from local_cloud.alarms.definitions import Definition

_NAMESPACE = "AWS/SQS"
_NAME = "ApproximateNumberOfMessagesVisible"


@dataclass
class Depths:
    """A queue that is empty, and was, has nothing to tell."""

    _before: dict[str, int] = field(default_factory=dict)

    def put(self, backend: Any, definitions: Iterable[Definition]) -> None:
        """Into CloudWatch, what waits now in the queues of these alarms."""
        names = {
            value
            for definition in definitions
            for stat in definition.stats.values()
            if (stat.metric.namespace, stat.metric.name) == (_NAMESPACE, _NAME)
            for name, value in stat.metric.dimensions
            if name == "QueueName"
        }
        queues = sqs_backends[backend.account_id][backend.region_name].queues
        for name in sorted(names & queues.keys()):
            depth = int(queues[name].approximate_number_of_messages)
            if depth or self._before.get(name):
                dimensions = [{"Name": "QueueName", "Value": name}]
                datum = {"MetricName": _NAME, "Dimensions": dimensions, "Value": float(depth)}
                backend.put_metric_data(_NAMESPACE, [datum])
            self._before[name] = depth
