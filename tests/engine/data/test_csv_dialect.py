"""CSV files mean to the engine what they mean to all others; what cannot be one is refused."""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data import csv_blocks
from engine.data.cells import Coder
from engine.data.loading import read_table
from engine.ground import byte_texts
from engine.ground.byte_texts import ByteCoder, ByteTexts
from engine.ground.errors import DataError
from tests.support.csv_cases import CASES, CsvCase, witnessed

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
ODD = st.text('ab ",\\\n\r\u2028é', max_size=8)
ROWS = st.lists(st.tuples(ODD.filter(bool), st.one_of(ODD, TEXT)), min_size=1, max_size=6)
ROW = st.tuples(
    ODD.filter(bool).map(lambda text: text.replace("\\", "")), TEXT.map(lambda t: t.replace("\\", ""))
)
PLAIN = st.text("abc é日", max_size=8)
WRITERS: list[dict[str, Any]] = [
    {"quoting": csv.QUOTE_ALL, "doublequote": False, "escapechar": "\\"},
    {"quoting": csv.QUOTE_MINIMAL, "doublequote": False, "escapechar": "\\"},
    {"quoting": csv.QUOTE_ALL, "lineterminator": "\n"},
    {"quoting": csv.QUOTE_MINIMAL},
]


def read(path: Path) -> list[tuple[str, str]]:
    table = read_table(path, ("ITEM_ID", "NOTE"), now=0)
    ids, notes = table.ids("ITEM_ID"), table.text("NOTE")
    table.findings.refuse()
    return [(str(name), notes[row]) for row, name in enumerate(ids)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_is_read_as_the_table_says_or_refused(case: CsvCase, tmp_path: Path) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(case.text)
    if case.rows is None or case.name == "a NUL":
        with pytest.raises(DataError, match=r"items\.csv: .*line [12]"):
            read(path)
    else:
        assert read(path) == list(case.rows)


@pytest.mark.parametrize("case", [one for one in CASES if one.witness], ids=lambda case: case.name)
def test_the_table_says_what_pythons_csv_module_says(case: CsvCase) -> None:
    assert case.rows is not None
    assert witnessed(case) == list(case.rows)


@pytest.mark.parametrize("writer", WRITERS, ids=str)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
def test_what_pythons_csv_module_writes_is_read_back(
    writer: dict[str, Any], tmp_path: Path, rows: list[tuple[str, str]]
) -> None:
    """Without escapes, a backslash inside quotes that stands before a quote or another is written as one."""
    if "escapechar" not in writer:
        rows = [(name.replace("\\", ""), note.replace("\\", "")) for name, note in rows]
    elif writer["quoting"] == csv.QUOTE_MINIMAL:  # escapes outside quotes too
        rows = [(name.replace("\\", "").replace('"', ""), note.replace("\\", "")) for name, note in rows]
        rows = [(name, note.replace('"', "")) for name, note in rows]
    text = io.StringIO(newline="")
    csv.writer(text, **writer).writerows([("ITEM_ID", "NOTE"), *rows])
    path = tmp_path / "items.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    assert read(path) == rows


@pytest.mark.parametrize("block", [24, 1 << 22])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plain=st.lists(st.tuples(PLAIN.filter(bool), PLAIN), max_size=8), odd=st.lists(ROW, max_size=3))
def test_lines_without_quotes_are_read_as_those_after_them_that_have_some(
    block: int,
    end: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    plain: list[tuple[str, str]],
    odd: list[tuple[str, str]],
) -> None:
    monkeypatch.setattr(csv_blocks, "BLOCK", block)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator=end).writerows([("ITEM_ID", "NOTE"), *plain])
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator=end).writerows(odd)
    path = tmp_path / "items.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    assert read(path) == [*plain, *odd]


@pytest.mark.parametrize("text", ["a,x\nb\n", "a,x\n\nb,y,z\n", 'a,x\nb,y\nc,"z\n', "a,x\nb,\rz\n"])
def test_what_is_wrong_after_plain_lines_is_found_on_its_own_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    path = tmp_path / "items.csv"
    path.write_bytes(f"ITEM_ID,NOTE\n{text}".encode())
    messages = []
    for block in (1, 5, 1 << 22):  # none plain; a line at a time; all at once
        monkeypatch.setattr(csv_blocks, "BLOCK", block)
        with pytest.raises(DataError) as refused:
            read(path)
        messages.append(str(refused.value))
    assert messages == messages[:1] * 3
    assert "line 3" in messages[0] or "line 4" in messages[0]


@pytest.mark.parametrize("hashes", ["their own", "all the same"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.lists(TEXT, min_size=1, max_size=30), min_size=1, max_size=4))
def test_texts_as_bytes_have_a_code_for_each(
    hashes: str, monkeypatch: pytest.MonkeyPatch, parts: list[list[str]]
) -> None:
    if hashes == "all the same":
        monkeypatch.setattr(byte_texts, "hashed", lambda words: np.zeros(len(words), np.uint64))
    monkeypatch.setattr(byte_texts, "_FEWEST_SLOTS", 2)
    coder = ByteCoder()
    for texts in parts:
        codes = coder.codes(as_bytes(texts).words())
        assert [coder.texts()[code] for code in codes] == texts
    assert len(coder.texts()) == len(set().union(*parts))


def test_codes_of_many_texts_are_those_of_a_dictionary() -> None:
    rng = np.random.default_rng(0)
    coder, plain = ByteCoder(), Coder()
    for most in (10, 10_000, 400_000):  # more and longer texts than before
        texts = [f"{number:x}" for number in rng.integers(0, most, 20_000).tolist()]
        pairs = set(
            zip(coder.codes(as_bytes(texts).words()).tolist(), plain.codes(texts).tolist(), strict=True)
        )
        assert len(pairs) == len(set(texts))
    assert sorted(coder.texts()) == sorted(plain)


def as_bytes(texts: list[str]) -> ByteTexts:
    parts = [text.encode() for text in texts]
    lengths = np.array([len(part) for part in parts], np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    # what is behind a text is not part of it
    return ByteTexts(np.frombuffer(b"".join(parts) + b"x" * 64, np.uint8), starts, lengths)
