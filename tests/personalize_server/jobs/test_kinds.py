"""What a background job is told, and tells, crosses to another process as plain values, and strictly."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from personalize_server.data.dataset_contents import DatasetContent
from personalize_server.facts.options import Options
from personalize_server.facts.plain_values import PlainValueError, as_plain, from_plain
from personalize_server.facts.quotas import Quotas
from personalize_server.facts.resources import RESOURCES
from personalize_server.jobs.dataset_imports import DatasetImport, ImportedDataset
from personalize_server.jobs.kinds import JOB_KINDS
from personalize_server.jobs.trainings import Training
from personalize_server.objects.access import access_of

CONTENT = DatasetContent(
    arn="a", schema="{}", parts=(Path("/p/1"), Path("/p/2")), put_before=(0, 7), erased=0
)
IMPORT = DatasetImport(
    objects=access_of(Options(data=Path("/data"), file_root=Path("/root")), "eu-west-1", None),
    location="s3://bucket/file.csv",
    dataset_type="ITEMS",
    schema="{}",
    least_rows=1,
    now=1.5,
    attribution=None,
    items=CONTENT,
    state_file=Path("/data/state.sqlite3"),
    scratch=Path("/data/scratch/1"),
)
TRAINING = Training(
    datasets={"ITEMS": CONTENT},
    solution={"recipeArn": "arn", "performHPO": False, "eventType": None},
    learned=None,
    trials=Path("/data/trials/1.jsonl"),
    quotas=Quotas(filter_window=3),
    state_file=Path("/data/state.sqlite3"),
    scratch=Path("/data/scratch/1"),
)


@pytest.mark.parametrize("plan", [IMPORT, TRAINING], ids=["an import", "a training"])
def test_a_plan_comes_across_as_it_was(plan: Any) -> None:
    assert from_plain(type(plan), json.loads(json.dumps(as_plain(plan)))) == plan


def test_a_result_comes_across_as_it_was() -> None:
    result = ImportedDataset(rows=2, distinct={"GENRES": 1}, attribution=None)

    assert from_plain(ImportedDataset, json.loads(json.dumps(as_plain(result)))) == result


def test_a_field_that_is_not_known_is_named() -> None:
    with pytest.raises(PlainValueError, match="DatasetImport has no field colour"):
        from_plain(DatasetImport, {**as_plain(IMPORT), "colour": "red"})


def test_a_field_that_is_missing_is_named() -> None:
    plain = as_plain(TRAINING)
    del plain["datasets"]["ITEMS"]["put_before"]

    with pytest.raises(PlainValueError, match=r"Training\.datasets\.ITEMS lacks the field put_before"):
        from_plain(Training, plain)


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [
        ("least_rows", "1", "DatasetImport.least_rows must be of type int, not str"),
        ("least_rows", True, "DatasetImport.least_rows must be of type int, not bool"),
        ("location", None, "DatasetImport.location must be of type str, not NoneType"),
        ("objects", "s3", "DatasetImport.objects must be of type dict, not str"),
        ("scratch", 1, "DatasetImport.scratch must be of type str, not int"),
    ],
)
def test_a_value_of_another_type_is_named(field: str, value: object, reason: str) -> None:
    with pytest.raises(PlainValueError, match=reason):
        from_plain(DatasetImport, {**as_plain(IMPORT), field: value})


@dataclass(frozen=True)
class Pairs:
    pairs: Sequence[tuple[str, float]]


def test_a_tuple_keeps_its_length() -> None:
    assert from_plain(Pairs, {"pairs": [["a", 1]]}) == Pairs((("a", 1.0),))
    with pytest.raises(PlainValueError, match=r"Pairs.pairs\[\] must have 2 entries, not 1"):
        from_plain(Pairs, {"pairs": [["a"]]})


def test_what_json_does_not_have_does_not_cross() -> None:
    with pytest.raises(TypeError, match="a set does not cross"):
        as_plain({"users": {"u1"}})


def test_every_resource_that_a_background_job_makes_has_a_kind_of_job() -> None:
    made = {kind for kind, resource in RESOURCES.items() if resource.works}

    assert made == set(JOB_KINDS)
    assert {waited for kind in JOB_KINDS.values() for waited in kind.waits_for} <= made


def test_the_servers_process_stays_light() -> None:
    """It plans and finishes jobs, and leaves what takes long to load to their processes."""
    script = (
        "import sys, personalize_server.jobs.runner, personalize_server.jobs.kinds\n"
        "print([name for name in ('numpy', 'scipy', 'boto3', 'botocore', 'engine') if name in sys.modules])"
    )

    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
