"""Event trackers, and the records that come one by one."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from personalize_server.data.avro_schema import Field, parse_schema
from personalize_server.facts.errors import InvalidInput, ResourceInUse, ResourceNotFound
from personalize_server.operations.creating import Draft, Parents, create
from personalize_server.operations.records import checked_cells, given_cells, given_time
from personalize_server.state.context import Answer, Context, Request, group_dataset
from personalize_server.state.metadata_puts import note_put
from personalize_server.state.put_records import PutRecord, adopt, insert
from personalize_server.state.store import Record

ACTION_EVENTS = ("TAKEN", "NOT_TAKEN", "VIEWED")
_MAY_LACK = ("IMPRESSION", "RECOMMENDATION_ID", "EVENT_ATTRIBUTION_SOURCE")
"""columns that an event need not have although their schema does not allow null"""


def create_event_tracker(context: Context, request: Request) -> Answer:
    tracking_id = str(uuid.uuid4())

    def prepare(context: Context, request: Request, parents: Parents) -> Draft:
        if group_dataset(context, parents["DatasetGroup"].arn, "INTERACTIONS") is None:
            raise InvalidInput("The dataset group has no Interactions dataset.")
        body = {"trackingId": tracking_id, "accountId": context.caller.account}
        return Draft(body=body, answer={"trackingId": tracking_id})

    return create(context, "EventTracker", request, prepare)


def put_items(context: Context, request: Request) -> Answer:
    return _put(context, request["datasetArn"], "ITEMS", "ITEM_ID", "itemId", request["items"])


def put_users(context: Context, request: Request) -> Answer:
    return _put(context, request["datasetArn"], "USERS", "USER_ID", "userId", request["users"])


def put_actions(context: Context, request: Request) -> Answer:
    return _put(context, request["datasetArn"], "ACTIONS", "ACTION_ID", "actionId", request["actions"])


def put_action_interactions(context: Context, request: Request) -> Answer:
    dataset = _tracked_actions(context, request["trackingId"])
    fields = dataset_fields(context, dataset)
    records = [_action_event(event, fields, context.now) for event in request["actionInteractions"]]
    with context.store.transaction():
        insert(context.store, dataset.arn, records)
        for event in request["actionInteractions"]:
            if "userId" in event:
                adopt(context.store, dataset.arn, event["sessionId"], event["userId"])
    return {}


def _put(
    context: Context, arn: str, type_: str, column: str, member: str, entries: Sequence[Mapping[str, Any]]
) -> Answer:
    dataset = context.find("Dataset", arn)
    if dataset.body["datasetType"] != type_:
        raise InvalidInput(f"{arn} is not a dataset of type {type_}.")
    if not context.active(dataset):
        raise ResourceInUse(f"Resource Arn {arn} is not ACTIVE, it is {context.status(dataset)}.")
    fields = dataset_fields(context, dataset)
    records = []
    for entry in entries:
        cells = {column: entry[member], **given_cells(entry.get("properties"), fields)}
        records.append(PutRecord(entry[member], checked_cells(cells, fields, context.now)))
    with context.store.transaction():
        note_put(context.store, dataset.arn, len(records), context.now)
        insert(context.store, dataset.arn, records)
    return {}


def event_record(
    event: Mapping[str, Any], user: str | None, session: str, fields: Sequence[Field], now: float
) -> PutRecord:
    """An event of PutEvents as a row of the dataset; it comes at `now`, epoch seconds.

    Raises: InvalidInput, if it does not fit the schema.
    """
    known = {field.name for field in fields}
    source = event.get("metricAttribution", {}).get("eventAttributionSource")
    cells = {
        "USER_ID": user or session,
        "ITEM_ID": event.get("itemId", ""),
        "TIMESTAMP": given_time(event["sentAt"]),
        "EVENT_TYPE": event["eventType"],
        "EVENT_VALUE": repr(event["eventValue"]) if "eventValue" in event else "",
        "RECOMMENDATION_ID": event.get("recommendationId", ""),
        "IMPRESSION": "|".join(event.get("impression", ())),
        "EVENT_ATTRIBUTION_SOURCE": source or "",
    }
    given = given_cells(event.get("properties"), fields)
    kept = {name: cell for name, cell in cells.items() if name in known}
    checked = checked_cells({**kept, **given}, fields, now, optional=("ITEM_ID", *_MAY_LACK))
    return PutRecord(
        subject=cells["USER_ID"],
        cells=checked,
        event_id=event.get("eventId"),
        session=None if user else session,
        event_source=source,
        recommendation_id=event.get("recommendationId"),
    )


def _action_event(event: Mapping[str, Any], fields: Sequence[Field], now: float) -> PutRecord:
    kind = event["eventType"].upper().replace(" ", "_")
    if kind not in ACTION_EVENTS:
        raise InvalidInput(f"eventType must be one of {', '.join(ACTION_EVENTS)}, not {event['eventType']}.")
    known = {field.name for field in fields}
    user, session = event.get("userId"), event["sessionId"]
    cells = {
        "USER_ID": user or session,
        "ACTION_ID": event["actionId"],
        "TIMESTAMP": given_time(event["timestamp"]),
        "EVENT_TYPE": kind,
        "RECOMMENDATION_ID": event.get("recommendationId", ""),
        "IMPRESSION": "|".join(event.get("impression", ())),
    }
    given = given_cells(event.get("properties"), fields)
    kept = {name: cell for name, cell in cells.items() if name in known}
    checked = checked_cells({**kept, **given}, fields, now, optional=_MAY_LACK)
    return PutRecord(cells["USER_ID"], checked, event.get("eventId"), None if user else session)


def tracked_dataset(context: Context, tracking_id: str) -> Record:
    """The dataset that a tracker's events come into.

    Raises: InvalidInput, if there is no ACTIVE tracker of that id.
    """
    for tracker in context.tracked("EventTracker", tracking_id):
        if context.active(tracker):
            dataset = group_dataset(context, tracker.links["datasetGroupArn"], "INTERACTIONS")
            if dataset is not None:
                return dataset
    raise InvalidInput(f"There is no ACTIVE event tracker with the tracking id {tracking_id}.")


def _tracked_actions(context: Context, tracking_id: str) -> Record:
    """The Action interactions dataset, which has a tracker of its own."""
    for dataset in context.tracked("Dataset", tracking_id):
        if context.active(dataset):
            return dataset
    raise ResourceNotFound(f"No ACTIVE Action interactions dataset has the tracking id {tracking_id}.")


def dataset_fields(context: Context, dataset: Record) -> tuple[Field, ...]:
    """Those of its schema."""
    return parse_schema(context.find("Schema", dataset.links["schemaArn"]).body["schema"])
