"""What is told of a broken rule, and how much of the data is kept beside it."""

from __future__ import annotations

from pipeline.extract.findings import Findings, Offence


def rows(first: int, last: int) -> list[Offence]:
    return [Offence(line, "4…", value="42", row={"ID": "42"}) for line in range(first, last + 1)]


def test_five_rows_are_named_a_hundred_kept_and_all_counted() -> None:
    findings = Findings()
    assert not findings and findings.room("empty", "ID") == 100

    findings.add("empty", "ID", 1, rows(2, 2), remedy="fill it")
    assert findings.room("empty", "ID") == 99
    findings.add("empty", "ID", 1_200, rows(3, 120), remedy="fill it")

    [found] = findings.of_rows
    assert findings and findings.room("empty", "ID") == 0 and findings.room("empty", "NAME") == 100
    assert [row["line"] for row in found.as_json()["rows"]] == list(range(2, 102))
    assert str(found) == (
        "empty in ID: 1,201 rows, first "
        "line 2 (4…), line 3 (4…), line 4 (4…), line 5 (4…), line 6 (4…): fill it"
    )


def test_one_row_is_one_row_and_a_rule_of_the_whole_comes_first() -> None:
    findings = Findings()
    findings.add("odd", "", 1, [Offence(2)], remedy="")
    findings.add_whole("too few rows")

    assert findings.sentences() == ["too few rows", "odd: 1 row, first line 2"]
    assert findings.whole == ["too few rows"]


def test_of_a_long_cell_a_thousand_characters_are_kept() -> None:
    whole, long = Offence(2, value="a" * 1000, row={}), Offence(2, "s", row={"TEXT": "b" * 1001})

    assert whole.as_json() == {"line": 2, "value": "a" * 1000, "row": {}}
    assert long.as_json() == {"line": 2, "value": "s", "row": {"TEXT": "b" * 1000 + "…"}}
