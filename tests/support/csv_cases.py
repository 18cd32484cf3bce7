r"""One table of what a CSV file in Amazon Personalize's dialect means, for all that read such files.

Inside quotes a backslash escapes `"` and itself (the documentation of Personalize) and a doubled quote is
one (RFC 4180, pandas); outside quotes both are letters as any other. Two settings of Python's csv module are
witnesses: one that knows no escapes, one that does, each where the case has nothing it reads otherwise.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Rows = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class CsvCase:
    name: str
    body: bytes
    """the lines after the header"""
    rows: Rows | None
    """(ITEM_ID, NOTE) each; None: nobody takes it"""
    witness: Literal["plain", "escaping"] | None = "plain"
    """the csv module that does not know backslashes, or the one that does"""
    everybody: bool = True
    """False: a reader may refuse it as well, but not read anything else"""
    header: bytes = b"ITEM_ID,NOTE\n"

    @property
    def text(self) -> bytes:
        return self.header + self.body


def case(
    name: str,
    body: str | bytes,
    *rows: tuple[str, str],
    witness: Literal["plain", "escaping"] | None = "plain",
    everybody: bool = True,
    header: bytes = b"ITEM_ID,NOTE\n",
) -> CsvCase:
    return CsvCase(name, body.encode() if isinstance(body, str) else body, rows, witness, everybody, header)


def refused(name: str, body: str | bytes) -> CsvCase:
    return CsvCase(name, body.encode() if isinstance(body, str) else body, None, None)


SEPARATORS = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg"
CASES = (
    case("plain cells", "i1,x\ni2,y\n", ("i1", "x"), ("i2", "y")),
    case("a quoted comma", 'i1,"a,b"\n"i,2",y\n', ("i1", "a,b"), ("i,2", "y")),
    case("an empty cell", "i1,\n", ("i1", "")),
    case("an empty quoted cell", 'i1,""\n', ("i1", "")),
    case("spaces", " i1 , x \n", (" i1 ", " x ")),
    case("letters of many scripts", "é日😀,ß\n", ("é日😀", "ß")),
    case("line separators of Unicode", f"i1,{SEPARATORS}\n", ("i1", SEPARATORS)),
    case("a tab", "i1,a\tb\n", ("i1", "a\tb")),
    case("an escaped quote", 'i1,"a\\"b"\n', ("i1", 'a"b'), witness="escaping"),
    case("an escaped backslash", 'i1,"a\\\\b"\n', ("i1", "a\\b"), witness="escaping"),
    case(
        "an escaped backslash at the end",
        'i1,"a\\\\"\ni2,y\n',
        ("i1", "a\\"),
        ("i2", "y"),
        witness="escaping",
    ),
    case("both escaped in a row", 'i1,"a\\\\\\"b"\n', ("i1", 'a\\"b'), witness="escaping"),
    case("a backslash before a letter inside quotes", 'i1,"a\\nb,"\n', ("i1", "a\\nb,")),
    case("a backslash outside quotes", "i\\1,a\\b\n", ("i\\1", "a\\b"), everybody=False),
    case("two backslashes outside quotes", "i1,\\\\a\n", ("i1", "\\\\a"), everybody=False),
    case("a backslash before a comma", "i\\,a\\\n", ("i\\", "a\\"), everybody=False),
    case("a doubled quote", 'i1,"a""b"\n', ("i1", 'a"b'), everybody=False),
    case("nothing but a doubled quote", 'i1,""""\n', ("i1", '"'), everybody=False),
    case(
        "a doubled quote beside an escaped one",
        'i1,"a""b\\"c"\n',
        ("i1", 'a"b"c'),
        witness="escaping",
        everybody=False,
    ),
    case("a quote inside a cell without quotes", 'i1,5" wide\n', ("i1", '5" wide'), everybody=False),
    case("a space before a quoted cell", 'i1, "a"\n', ("i1", ' "a"'), everybody=False),
    case("two quotes far apart", 'i1,a"b\ni2,c"d\n', ("i1", 'a"b'), ("i2", 'c"d'), everybody=False),
    case("line ends of Windows", "i1,x\r\ni2,y\r\n", ("i1", "x"), ("i2", "y"), everybody=False),
    case("no line end at the end", "i1,x\ni2,y", ("i1", "x"), ("i2", "y"), everybody=False),
    case("blank lines", "i1,x\n\ni2,y\n\n", ("i1", "x"), ("i2", "y"), everybody=False),
    case("a line break inside quotes", 'i1,"a\nb"\ni2,y\n', ("i1", "a\nb"), ("i2", "y"), everybody=False),
    case("a NUL", "i\0,x\n", ("i\0", "x"), everybody=False),
    case("a byte order mark", "i1,x\n", ("i1", "x"), everybody=False, header=b"\xef\xbb\xbfITEM_ID,NOTE\n"),
    case("a header in lower case", "i1,x\n", ("i1", "x"), everybody=False, header=b"item_id,Note\n"),
    case("a quoted header", "i1,x\n", ("i1", "x"), everybody=False, header=b'"ITEM_ID","NOTE"\n'),
    refused("text after a quoted cell", 'i1,"a"b\n'),
    refused("a space after a quoted cell", 'i1,"a" \n'),
    refused("a quote without an end", 'i1,"ab\n'),
    refused("an escaped quote as the end", 'i1,"ab\\"\n'),
    refused("a space before a quoted comma", 'i1, "a,b"\n'),
    refused("too few cells", "i1\n"),
    refused("too many cells", "i1,x,y\n"),
    refused("a carriage return inside an id", "i\r1,x\n"),
    refused("bytes of Latin-1", b"i1,\xe9\n"),
)


def witnessed(case: CsvCase) -> list[tuple[str, ...]]:
    """The rows as the csv module reads them."""
    settings = {"escapechar": "\\"} if case.witness == "escaping" else {}
    text = io.StringIO(case.text.decode("utf-8-sig"), newline="")
    return [tuple(row) for row in csv.reader(text, strict=True, **settings) if row][1:]  # type: ignore[arg-type]
