"""Shops whose events are attributed: groups with a tracker, metrics, and imports that name sources."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.personalize_server.support.journey import ROLE, Journey, interactions_csv, schema_text
from tests.personalize_server.support.processes import PersonalizeServer

UNDEFINED = "SOURCE_NAME_UNDEFINED"
VIEWS = {"eventType": "view", "metricName": "views", "expression": "SAMPLECOUNT()"}
SALES = {"eventType": "buy", "metricName": "sales", "expression": "SUM(Items.PRICE)"}
WORTH = {"eventType": "buy", "metricName": "worth", "expression": "SUM(Interactions.EVENT_VALUE)"}
_SOURCES = (
    {"name": "RECOMMENDATION_ID", "type": ["null", "string"]},
    {"name": "EVENT_ATTRIBUTION_SOURCE", "type": ["null", "string"]},
)


@dataclass(frozen=True)
class Shop:
    """A dataset group with an event tracker; `server` is the one it is on."""

    server: PersonalizeServer
    journey: Journey
    group: str
    tracking_id: str

    def put(self, *events: Mapping[str, Any], user: str = "visitor") -> None:
        complete = [{"sentAt": int(time.time()), "itemId": "i1", **event} for event in events]
        self.server.client("personalize-events").put_events(
            trackingId=self.tracking_id, sessionId="s", userId=user, eventList=complete
        )

    def attribute(self, *metrics: Mapping[str, str], path: str | None = None) -> str:
        output: dict[str, Any] = {"roleArn": ROLE}
        if path is not None:
            output["s3DataDestination"] = {"path": path}
        return str(
            self.journey.personalize.create_metric_attribution(
                name=self.journey.name,
                datasetGroupArn=self.group,
                metrics=list(metrics),
                metricsOutputConfig=output,
            )["metricAttributionArn"]
        )

    def problem(self, attribution: str) -> str | None:
        described = self.journey.personalize.describe_metric_attribution(metricAttributionArn=attribution)
        assert described["metricAttribution"]["status"] == "ACTIVE"
        found: str | None = described["metricAttribution"].get("failureReason")
        return found


def shop(server: PersonalizeServer, s3: Any, name: str) -> Shop:
    journey = Journey(server.client(), s3, name)
    group = journey.group()
    journey.dataset(group, schema=schema_text("Interactions", *_SOURCES))
    tracker = journey.personalize.create_event_tracker(name=name, datasetGroupArn=group)
    return Shop(server, journey, group, tracker["trackingId"])


def dataset_of(shop: Shop, dataset_type: str = "INTERACTIONS") -> str:
    datasets = shop.journey.personalize.list_datasets(datasetGroupArn=shop.group)["datasets"]
    [found] = [entry["datasetArn"] for entry in datasets if entry["datasetType"] == dataset_type]
    return str(found)


def history(lines: list[str]) -> str:
    """An import of what everybody saw long ago, and of these."""
    header, *rows = interactions_csv().splitlines()
    old = [f"{row},," for row in rows]
    columns = ",RECOMMENDATION_ID,EVENT_ATTRIBUTION_SOURCE"
    return "\n".join([header + columns, *old, *lines]) + "\n"
