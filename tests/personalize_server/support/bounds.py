"""Cells at the bounds of every type of column and beside them, and what each is worth."""

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from personalize_server.data.avro_schema import Field

NOW = 1_796_000_000
_WHOLE = [0, 2**24, 2**31, 2**53, 2**63, 2**64, 10**18, 10**19]
_SINGLE = struct.unpack("<f", b"\xff\xff\x7f\x7f")[0]
_DOUBLE = [0.1, 1.5, 1e16, _SINGLE, 2.0**128 - 2.0**103, 2.0**128, 1.7976931348623157e308, 5e-324, 1e-45]
_ODD = [
    *("", " ", "1,000", "0" * 25 + "7", "9" * 30, "1" * 400, "0." + "3" * 400, "\u0665", "\uff11", "\u00bd"),
    *"- + . e5 1e 1e5 1E+5 1e-1 10e-1 --1 +-1 1.2.3 .5 5. -0 0.0 -0.0 1_0 0x10 0b1 1f 1L".split(),
    *"0e400 1e-400 1e400 -1e400 1e99999999999 1e308 1e309 NaN nan inf -Infinity Infinity".split(),
    *"null None NULL true False TRUE yes t".split(),
]
_TEXTS = [
    *r"""a A|B | a| , " "" "a" \ a\ \" \n a,\ ' {line} %s {} # =1+1""".split(),
    *("\u00e9", "e\u0301", "\U0001f600", "\u2028", "\x85", "\0", "a\0b", "a\0", "\t", "\x0b", "\x1f", "\x7f"),
    *("\ufeff", "\ufffd", "a b", " a", "a ", "a\rb", "\r", "a\nb", "\r\n", "\ud800", "a\udfff"),
    *(letter * length for letter in ("x", "\U0001f600") for length in (255, 256, 257, 999, 1000, 1001)),
    *(letter * length for letter in ("x", "\u00e9") for length in (19_999, 20_000, 20_001, 25_000)),
]
_TIMES = [0, 1, 631_152_000, NOW, NOW + 86_400, 253_402_300_799, NOW * 1000, NOW * 10**6, 3_981_000_000]


@dataclass(frozen=True)
class Refused:
    """No cell of the type."""


REFUSED = Refused()
FIELDS = {
    field.name: field
    for field in (
        Field("N_INT", "int", nullable=True),
        Field("N_LONG", "long", nullable=True),
        Field("N_FLOAT", "float", nullable=True),
        Field("N_DOUBLE", "double", nullable=True),
        Field("FLAG", "boolean", nullable=True),
        Field("TITLE", "string", nullable=True),
        Field("GENRES", "string", nullable=True, categorical=True),
        Field("DESCRIPTION", "string", nullable=True, textual=True),
        Field("CREATION_TIMESTAMP", "long", nullable=True),
        Field("N_NEEDED", "int"),
        Field("T_NEEDED", "string"),
        Field("ITEM_ID", "string"),
        Field("EVENT_TYPE", "string"),
        Field("IMPRESSION", "string", nullable=True),
    )
}


@cache
def cells_of(name: str) -> tuple[str, ...]:
    """For a column of FIELDS, each once."""
    field = FIELDS[name]
    found = list(_ODD)
    if field.type in ("int", "long"):
        found += _spelled(_TIMES if field.name == "CREATION_TIMESTAMP" else _WHOLE)
    elif field.numeric:
        found += _spelled(_WHOLE)
        found += [text for number in _DOUBLE for text in _decimals(number)]
    elif field.type == "string":
        found += _TEXTS
    return tuple(dict.fromkeys(found))


def _spelled(bounds: list[int]) -> Iterator[str]:
    for number in sorted(
        {sign * (bound + step) for bound in bounds for step in range(-2, 3) for sign in (1, -1)}
    ):
        plain = str(number)
        yield from (plain, f"{plain}.0", f"{plain}.", f"{plain}.5", f"{plain}0e-1", f"{plain}e1", f" {plain}")
        yield from ((f"+{plain}", f"000{plain}") if number >= 0 else (f"-00{plain[1:]}",))


def _decimals(bound: float) -> Iterator[str]:
    for near in (math.nextafter(bound, -math.inf), bound, math.nextafter(bound, math.inf)):
        for number in (near, -near):
            if math.isfinite(number):
                yield from (repr(number), f"{number:.25e}", f"{number:f}")


def worth(name: str, cell: str, now: float = NOW) -> Any:
    """The value of a cell, None for an absent one, or REFUSED.

    Numbers by the decimals and the C types of the standard library, which have nothing to do with the server.
    """
    field = FIELDS[name]
    if cell == "":
        return None if field.nullable else REFUSED
    if field.numeric:
        return _number(field, cell, now)
    if field.type == "boolean":
        return {"true": True, "false": False}.get(cell.lower(), REFUSED)
    return _text(field, cell)


def _number(field: Field, cell: str, now: float) -> Any:
    if not set(cell) <= set("0123456789+-.eE"):
        return REFUSED
    try:
        exact = Decimal(cell)
    except InvalidOperation:  # no number, or one too large for decimals to have
        return REFUSED
    if field.type in ("int", "long"):
        if (exact.adjusted() > 30 and exact) or exact != exact.to_integral_value():
            return REFUSED
        number = int(exact) if exact else 0
        if not _packs("<i" if field.type == "int" else "<q", number) or number == -(2**63):
            return REFUSED  # the lowest long stands for an absent one, as the documentation says
        if field.name == "CREATION_TIMESTAMP" and not 631_152_000 <= number <= now + 86_400:
            return REFUSED
        return number
    found = float(cell)
    return (
        found if math.isfinite(found) and _packs("<f" if field.type == "float" else "<d", found) else REFUSED
    )


def _packs(layout: str, number: float) -> bool:
    try:
        struct.pack(layout, number)
    except (struct.error, OverflowError):
        return False
    return True


def _text(field: Field, cell: str) -> Any:
    if any("\ud800" <= letter <= "\udfff" for letter in cell):
        return REFUSED
    if field.name in ("ITEM_ID", "EVENT_TYPE"):
        control = any(letter < " " or "\x7f" <= letter <= "\x9f" for letter in cell)
        return REFUSED if control or len(cell) > 256 else cell
    cell = " ".join(cell.replace("\r", "\n").split("\n")) if "\n\n" not in cell.replace("\r", "\n") else " "
    if field.textual:
        return cell[:20_000]
    return REFUSED if len(cell) > 1000 and (field.categorical or field.name == "IMPRESSION") else cell


def as_written(field: Field, cell: str) -> Any:
    """The value that an exported or stored cell spells."""
    if cell == "":
        return None
    if field.type in ("int", "long"):
        return int(cell)
    return float(cell) if field.numeric else cell == "true" if field.type == "boolean" else cell


def in_csv(cell: str) -> str | None:
    """As Python's csv module writes it by the service's instructions; None: a CSV cannot spell it."""
    if "\n" in cell or "\r" in cell or any("\ud800" <= letter <= "\udfff" for letter in cell):
        return None
    if not any(letter in cell for letter in ',"'):
        return cell
    return '"' + cell.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_csv(text: str) -> list[list[str]]:
    """The rows of an export, its header too, by its documented dialect."""
    rows = []
    for line in text.split("\n")[:-1]:
        row, at = [], 0
        while at <= len(line):
            cell = ""
            if line[at : at + 1] == '"':
                at += 1
                while line[at] != '"':
                    at += line[at] == "\\"
                    cell += line[at]
                    at += 1
                at += 1
            else:
                end = line.find(",", at)
                end = len(line) if end < 0 else end
                cell, at = line[at:end], end
            row.append(cell)
            at += 1
        rows.append(row)
    return rows
