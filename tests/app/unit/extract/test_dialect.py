"""CSV text means to the extract what it means to all others, or is refused."""

import pytest

from pipeline.columns import Column
from pipeline.errors import DatasetRejected
from pipeline.extract.blocks import Splitter
from pipeline.extract.checker import DatasetChecker
from pipeline.extract.schema import DatasetSchema
from tests.support.csv_cases import CASES, CsvCase

SCHEMA = DatasetSchema(
    "items", (Column("ITEM_ID", "string"), Column("NOTE", "string", nullable=True, textual=True))
)


def read(text: bytes) -> list[tuple[str, str]]:
    """Raises: DatasetRejected."""
    checker = DatasetChecker(SCHEMA, now=0)
    checker.feed(text)
    checker.finish()
    block = Splitter(2, first_line=2).split(text.partition(b"\n")[2])
    assert block is not None
    return [(block.value(0, row), block.value(1, row)) for row in range(block.rows)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_text_is_taken_as_the_table_says_or_refused(case: CsvCase) -> None:
    if case.rows is None:
        with pytest.raises(DatasetRejected):
            read(case.text)
    elif case.everybody:
        assert read(case.text) == list(case.rows)
    else:
        try:
            taken = read(case.text)
        except DatasetRejected:
            return
        assert taken == list(case.rows)
