"""How late copies arrive: ReplicationLatency of CloudWatch, in the region that they come from.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from moto.cloudwatch.models import cloudwatch_backends
from moto.dynamodb.models import dynamodb_backends

from local_cloud.ground.settings import Settings
from local_cloud.regions.carrier import Carrier
from local_cloud.regions.links import Change

_EVERY_SECONDS = 1.0


class Latency:
    """Puts at most one figure per second, table and way: the longest of what has arrived since the last."""

    def __init__(self, account: str) -> None:
        self._account = account
        self._longest: dict[tuple[str, str, str], float] = {}
        self._told_at: dict[tuple[str, str, str], float] = {}

    def arrived(self, change: Change, seconds: float) -> None:
        if change.about not in dynamodb_backends[self._account][change.source].tables:
            return
        way = (change.source, change.destination, change.about)
        self._longest[way] = max(seconds, self._longest.get(way, 0.0))
        now = change.sent + seconds
        if now - self._told_at.get(way, -_EVERY_SECONDS) < _EVERY_SECONDS:
            return
        self._told_at[way] = now
        self._put(change, 1000 * self._longest.pop(way))

    def _put(self, change: Change, milliseconds: float) -> None:
        dimensions = {"TableName": change.about, "ReceivingRegion": change.destination}
        cloudwatch_backends[self._account][change.source].put_metric_data(
            "AWS/DynamoDB",
            [
                {
                    "MetricName": "ReplicationLatency",
                    "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
                    "Value": milliseconds,
                    "Unit": "Milliseconds",
                }
            ],
        )


def install(settings: Settings, carrier: Carrier) -> None:
    carrier.when_arrived(Latency(settings.account).arrived)
