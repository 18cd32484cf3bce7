"""What events may leave out although the schema has a column for it that does not allow null."""

import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.personalize_server.support.journey import Journey, interactions_csv, schema_text
from tests.personalize_server.support.processes import PersonalizeServer

MORE = ("IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE")
EVENT = {"eventType": "view", "itemId": "i3", "eventValue": 2.0}


def test_events_come_without_impressions_and_sources_and_are_trained_on(
    journey: Journey, server: PersonalizeServer
) -> None:
    group = journey.group()
    schema = schema_text("Interactions", *({"name": name, "type": "string"} for name in MORE))
    dataset = journey.dataset(group, schema=schema)
    header, *rows = interactions_csv().splitlines()
    body = "\n".join([f"{header},{','.join(MORE)}", *(f"{row},i1|i2,r,mail" for row in rows)])
    assert journey.import_csv(dataset, body)["status"] == "ACTIVE"
    tracker = journey.personalize.create_event_tracker(name=journey.name, datasetGroupArn=group)

    def put(**event: Any) -> None:
        server.client("personalize-events").put_events(
            trackingId=tracker["trackingId"],
            **{"userId": "visitor", "sessionId": "s"},
            eventList=[{"sentAt": time.time(), **EVENT, **event}],
        )

    put()
    put(impression=["i3", "i4"], recommendationId="RID-1")
    with pytest.raises(ClientError, match="IMPRESSION"):
        put(impression=["i" * 256] * 5)
    version = journey.train(journey.solution(group, "aws-item-affinity"))
    assert version["status"] == "ACTIVE", version
    journey.segment(version["solutionVersionArn"], '{"itemId": "i3"}\n', numResults=500)
    assert "visitor" in journey.output()[0]["output"]["usersList"]


def test_actions_come_without_impressions(journey: Journey, server: PersonalizeServer) -> None:
    group = journey.group()
    names = ("USER_ID", "ACTION_ID", "EVENT_TYPE", "IMPRESSION", "RECOMMENDATION_ID")
    fields = ", ".join(f'{{"name": "{name}", "type": "string"}}' for name in names)
    schema = (
        f'{{"type": "record", "name": "ActionInteractions", "namespace": "n", "version": "1.0", '
        f'"fields": [{fields}, {{"name": "TIMESTAMP", "type": "long"}}]}}'
    )
    dataset = journey.dataset(group, "Action_Interactions", schema)
    tracking = journey.personalize.describe_dataset(datasetArn=dataset)["dataset"]["trackingId"]
    who = {"userId": "u", "sessionId": "s"}
    event = {"actionId": "a", "timestamp": 1_700_000_000, "eventType": "TAKEN", **who}
    server.client("personalize-events").put_action_interactions(
        trackingId=tracking, actionInteractions=[event]
    )
