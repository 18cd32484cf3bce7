"""Whole numbers are often written with a point: by pandas, and by SDKs in values of events."""

import pytest

from personalize_server.data.avro_schema import Field
from personalize_server.data.cells import CellError, judged
from personalize_server.data.numbers import MISSING_LONG
from personalize_server.facts.errors import InvalidInput
from personalize_server.operations.tracking import event_record

NOW = 1_800_000_000.0
EVENT = {"eventType": "rate", "itemId": "i", "sentAt": 1_700_000_000}


def fields_of(kind: str) -> list[Field]:
    strings = [Field(name, "string") for name in ("USER_ID", "ITEM_ID", "EVENT_TYPE")]
    return [*strings, Field("TIMESTAMP", "long"), Field("EVENT_VALUE", kind, nullable=True)]


@pytest.mark.parametrize("kind", ["int", "long"])
def test_a_point_with_nothing_behind_it_harms_no_whole_number(kind: str) -> None:
    field = Field("N", kind, nullable=True)
    cells = ["5.0", "-3.00", "7", "", "0.", "+2.0", "1e3", "1.5e+01"]
    assert list(judged(field, cells, NOW)) == [5, -3, 7, MISSING_LONG, 0, 2, 1000, 15]


@pytest.mark.parametrize("cell", ["5.5", "5.01", ".", "1e-3", "5.0.0", "nan", f"{2**63}.0"])
def test_what_is_not_whole_is_refused(cell: str) -> None:
    with pytest.raises(CellError, match="not of type long"):
        judged(Field("N", "long"), [cell], NOW)


def test_an_int_has_its_bounds_with_a_point_too() -> None:
    with pytest.raises(CellError, match="not of type int"):
        judged(Field("N", "int"), [f"{2**31}.0"], NOW)


@pytest.mark.parametrize("kind", ["int", "long", "float", "double"])
@pytest.mark.parametrize("value", [3, 3.0, -1])
def test_an_event_has_a_whole_value_whatever_the_type_of_the_column(kind: str, value: float) -> None:
    record = event_record({**EVENT, "eventValue": value}, "u", "s", fields_of(kind), NOW)
    assert float(record.cells["EVENT_VALUE"]) == value


def test_an_event_with_half_a_value_does_not_fit_a_column_of_whole_ones() -> None:
    with pytest.raises(InvalidInput, match="EVENT_VALUE"):
        event_record({**EVENT, "eventValue": 3.5}, "u", "s", fields_of("int"), NOW)
