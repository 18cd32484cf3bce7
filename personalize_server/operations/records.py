"""Records that come one by one as the cells a CSV would have, judged by the rule of imports."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from personalize_server.data.avro_schema import Field
from personalize_server.facts.errors import InvalidInput
from personalize_server.facts.texts import encodable

_RESERVED = frozenset({"USERID", "SESSIONID", "EVENTTYPE", "TIMESTAMP", "RECOMMENDATIONID", "IMPRESSION"})
_FARTHEST = 10.0**18


class _Number(str):
    """As it is written in JSON, to the last digit."""

    __slots__ = ()


def given_cells(text: str | None, fields: Sequence[Field]) -> dict[str, str]:
    """The cells behind JSON properties, whose keys are the columns' names in camel case.

    Raises: InvalidInput, if they are no JSON object of plain values, or a key is not for a column.
    """
    if text is None:
        return {}
    try:
        given = json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise InvalidInput("properties is not valid JSON.") from None
    if not isinstance(given, dict):
        raise InvalidInput("properties must be a JSON object.")
    columns = {field.name.replace("_", "").upper(): field.name for field in fields}
    cells = {}
    for key, value in given.items():
        if not encodable(key):
            raise InvalidInput(f"The property {key!a} has a lone surrogate, which UTF-8 cannot encode.")
        plain = re.sub(r"[\W_]", "", key).upper()
        if plain in _RESERVED:
            raise InvalidInput(f"The property {key} is reserved.")
        if plain not in columns:
            raise InvalidInput(f"The property {key} is not a field of the dataset's schema.")
        cells[columns[plain]] = _cell(value, key)
    return cells


def given_time(moment: float) -> str:
    """The cell of a moment that a request names; one beyond all reason becomes another such."""
    return str(int(min(max(moment, -_FARTHEST), _FARTHEST)))


def checked_cells(
    cells: Mapping[str, str], fields: Sequence[Field], now: float, optional: Sequence[str] = ()
) -> dict[str, str]:
    """All columns of the schema, each cell of its type and as it is kept; `now` in epoch seconds.

    Raises: InvalidInput, at the first cell that is not of its type, or absent and not `optional`.
    """
    from personalize_server.data.cells import CellError, judged_cell

    whole = {}
    for field in fields:
        cell = cells.get(field.name, "")
        try:
            whole[field.name] = "" if field.name in optional and not cell else judged_cell(field, cell, now)
        except CellError as problem:
            raise InvalidInput(problem.of_record()) from None
    return whole


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _cell(value: Any, key: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return str(value)
        case list() if all(isinstance(entry, str) and not isinstance(entry, _Number) for entry in value):
            return "|".join(value)
        case _:
            raise InvalidInput(f"The property {key} has a value that is not supported.")
