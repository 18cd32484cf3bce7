"""CSV files mean to imports what they mean to all others, or are refused; exports mean what was imported."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.data.loading import read_table
from tests.personalize_server.support.journey import BUCKET, ROLE, Journey, settled
from tests.support.csv_cases import CASES, CsvCase

FIELDS = [
    {"name": "ITEM_ID", "type": "string"},
    {"name": "NOTE", "type": ["null", "string"], "textual": True},
]
SCHEMA = json.dumps({"type": "record", "name": "Items", "namespace": "n", "fields": FIELDS, "version": "1.0"})


@pytest.fixture(scope="module")
def items(personalize: Any, s3: Any) -> tuple[Journey, str]:
    journey = Journey(personalize, s3, "csv-dialect")
    return journey, journey.dataset(journey.group(), "Items", SCHEMA)


@pytest.fixture(scope="module")
def whole_files() -> CsvCase:
    """All cases that everybody takes in one file: an import of each would take long."""
    cases = [case for case in CASES if case.everybody and case.rows is not None]
    rows = [row for case in cases for row in case.rows or ()]
    return CsvCase("all", b"".join(case.body for case in cases), rows)


def test_an_import_takes_what_everybody_takes(
    items: tuple[Journey, str], whole_files: CsvCase, tmp_path: Path
) -> None:
    assert taken(*items, whole_files, tmp_path) == whole_files.rows


@pytest.mark.parametrize("case", [case for case in CASES if case.rows is None], ids=lambda case: case.name)
def test_an_import_refuses_what_nobody_takes(
    items: tuple[Journey, str], case: CsvCase, tmp_path: Path
) -> None:
    assert taken(*items, case, tmp_path) is None


@pytest.mark.parametrize("case", [case for case in CASES if not case.everybody], ids=lambda case: case.name)
def test_an_import_refuses_other_files_or_takes_them_as_the_table_says(
    items: tuple[Journey, str], case: CsvCase, tmp_path: Path
) -> None:
    assert case.rows is not None
    assert taken(*items, case, tmp_path) in (None, list(case.rows))


def taken(journey: Journey, dataset: str, case: CsvCase, folder: Path) -> list[tuple[str, str]] | None:
    """What an export holds after an import, as another reader of the table reads it; None: refused."""
    run = "".join(letter if letter.isalpha() else "-" for letter in case.name)
    if journey.import_csv(dataset, case.text, run)["status"] == "CREATE FAILED":
        return None
    api, name = journey.personalize, f"{journey.name}-{run}"
    job = api.create_dataset_export_job(
        jobName=name,
        datasetArn=dataset,
        ingestionMode="BULK",
        roleArn=ROLE,
        jobOutput={"s3DataDestination": {"path": f"s3://{BUCKET}/{journey.name}/export/"}},
    )["datasetExportJobArn"]
    found = settled(lambda: api.describe_dataset_export_job(datasetExportJobArn=job)["datasetExportJob"])
    assert found["status"] == "ACTIVE", found
    key = f"{journey.name}/export/{name}/part-00000.csv"
    path = folder / "items.csv"
    path.write_bytes(journey.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
    table = read_table(path, ("ITEM_ID", "NOTE"), now=0)
    notes = table.text("NOTE")
    return [(name, notes[row]) for row, name in enumerate(table.ids("ITEM_ID").tolist())]
