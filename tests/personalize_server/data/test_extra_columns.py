"""Files of imports often have more columns than the schema: an index, notes, what another schema takes."""

from pathlib import Path

import pytest

from personalize_server.data.avro_schema import Field
from personalize_server.data.columns import Part
from personalize_server.data.csv_import import import_files

FIELDS = (Field("USER_ID", "string"), Field("AGE", "int"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(",USER_ID,AGE\n0,a,1\n1,b,2\n", id="an index without a name"),
        pytest.param("USER_ID,NOTE,AGE\na,,1\nb,free text,2\n", id="between"),
        pytest.param("AGE,USER_ID,X,X,,\n1,a,,,,\n2,b,1,2,3,4\n", id="names twice and none"),
        pytest.param(f"USER_ID,AGE,NOTE\na,1,{'long' * 999}\nb,2,\0\n", id="what no column may hold"),
        pytest.param('USER_ID,NOTE,AGE\na,"1, \\"2\\"",1\nb,"",2\n', id="quoted"),
    ],
)
def test_columns_that_the_schema_does_not_have_are_ignored(tmp_path: Path, text: str) -> None:
    found = import_files([("a.csv", [text.encode()])], FIELDS, tmp_path / "part", now=1.8e9)
    part = Part(tmp_path / "part")
    assert found.rows == 2
    assert list(part.columns) == ["USER_ID", "AGE"]
    assert part.texts("USER_ID")[0] == "a" and part.texts("USER_ID")[1] == "b"
    assert part.numbers("AGE").tolist() == [1, 2]
