"""Schemas of a domain have what its recipes need, which is refused otherwise when they are made."""

import json
from typing import Any

import pytest

from tests.personalize_server.support.journey import Journey

VIDEO, SHOP = "VIDEO_ON_DEMAND", "ECOMMERCE"
ITEM = {"name": "ITEM_ID", "type": "string"}
GENRES = {"name": "GENRES", "type": ["string"], "categorical": True}
CREATED = {"name": "CREATION_TIMESTAMP", "type": "long"}
PRICE = {"name": "PRICE", "type": "float"}
CATEGORY = {"name": "CATEGORY_L1", "type": ["string"], "categorical": True}
EVENT = [{"name": name, "type": "string"} for name in ("USER_ID", "ITEM_ID")] + [
    {"name": "TIMESTAMP", "type": "long"}
]
TYPE = {"name": "EVENT_TYPE", "type": "string"}


def made(journey: Journey, kind: str, fields: list[Any], **domain: str) -> Any:
    text = json.dumps({"type": "record", "name": kind, "namespace": "n", "fields": fields, "version": "1.0"})
    return journey.personalize.create_schema(name=journey.name, schema=text, **domain)


@pytest.mark.parametrize(
    ("domain", "kind", "fields", "problem"),
    [
        (VIDEO, "Items", [ITEM, CREATED], r"\[GENRES\]"),
        (VIDEO, "Items", [ITEM, GENRES], r"\[CREATION_TIMESTAMP\]"),
        (VIDEO, "Items", [ITEM, {**GENRES, "categorical": False}, CREATED], "GENRES must be categorical"),
        (VIDEO, "Items", [ITEM, GENRES, {**CREATED, "type": "string"}], "CREATION_TIMESTAMP must be of type"),
        (VIDEO, "Items", [ITEM, GENRES, CREATED, {**PRICE, "type": "string"}], "PRICE must be of type"),
        (VIDEO, "Interactions", EVENT, r"\[EVENT_TYPE\]"),
        (SHOP, "Items", [ITEM, PRICE], r"\[CATEGORY_L1\]"),
        (SHOP, "Items", [ITEM, CATEGORY], r"\[PRICE\]"),
        (SHOP, "Items", [ITEM, PRICE, {**CATEGORY, "categorical": False}], "CATEGORY_L1 must be categorical"),
        (SHOP, "Interactions", EVENT, r"\[EVENT_TYPE\]"),
    ],
)
def test_a_schema_without_what_its_domain_needs_is_refused(
    journey: Journey, domain: str, kind: str, fields: list[Any], problem: str
) -> None:
    with pytest.raises(journey.personalize.exceptions.InvalidInputException, match=problem):
        made(journey, kind, fields, domain=domain)
    assert made(journey, kind, fields)["schemaArn"], "a custom group takes it"


@pytest.mark.parametrize(
    ("domain", "kind", "fields"),
    [
        (VIDEO, "Items", [ITEM, GENRES, CREATED, PRICE]),
        (VIDEO, "Interactions", [*EVENT, TYPE]),
        (SHOP, "Items", [ITEM, CATEGORY, {**PRICE, "type": ["null", "float"]}]),
        (SHOP, "Users", [{"name": "USER_ID", "type": "string"}, {"name": "X", "type": "string"}]),
    ],
)
def test_a_schema_with_what_its_domain_needs_is_taken(
    journey: Journey, domain: str, kind: str, fields: list[Any]
) -> None:
    assert made(journey, kind, fields, domain=domain)["schemaArn"]
