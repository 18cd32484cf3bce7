"""`actual`: what runs used, by their records, beside what was estimated for them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from config.schema import UseCase, use_cases_in
from config.use_cases import USE_CASES
from costs.estimating.actual import Actual, NoRecord, compared
from costs.estimating.templates import Misused, Refused
from costs.options import add_stage, add_volumes, parser_of, stage_of, volumes_of
from costs.prices.catalogue import catalogue
from costs.show.table import rests_on, rows_of
from pipeline import keys

_EXAMPLES = """\
examples:
  python -m costs actual --bucket <DataBucketName> --people 13000
  python -m costs actual runs/films/personalize/last_good.json --training-hours 2.5

exit codes: 0 the comparison; 1 there is no record, or a file is none; 2 wrong arguments
"""


def run(arguments: Sequence[str], today: date) -> int:
    """Raises: Misused, Refused, UnknownPrice, BadPrices."""
    options = parser().parse_args(arguments)
    stage, volumes = stage_of(options), volumes_of(options)
    if not options.files and not options.bucket:
        raise Misused("of which runs: name files of records, or the stage's data bucket with --bucket")
    records = [*_of_files(options.files), *(_of_bucket(options.bucket, stage.name) if options.bucket else ())]
    if not records:
        raise Refused(f"{options.bucket} has no record of a run: one is there once a run has published")
    try:
        found = [
            compared(stage, use_case, variant, record, volumes, today=today, prices=catalogue())
            for use_case, variant, record in records
        ]
    except NoRecord as error:
        raise Refused(str(error)) from error
    print(json.dumps([as_json(one) for one in found], indent=2) if options.json else text(found))
    return 0


def parser() -> argparse.ArgumentParser:
    parser = parser_of("actual", __doc__, _EXAMPLES)
    parser.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help=".../<use case>/<variant>/last_good.json"
    )
    parser.add_argument("--bucket", metavar="NAME", help="the stage's data bucket: all its records are read")
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_stage(parser)
    add_volumes(parser)
    return parser


def text(found: Sequence[Actual]) -> str:
    """At most 80 columns."""
    parts = []
    for one in found:
        cells = [[f"{one.use_case}, {one.variant}, {one.run}", "estimated", "used", "share"]]
        for row in one.rows:
            used = "unknown" if row.used is None else _number(row.used)
            share = "" if row.share is None else f"{row.share:.0%}"
            star = "*" if row is one.usd and one.doubts else ""
            cells.append([f"{row.what}{star}", _number(row.estimated), used, share])
        parts.append(rows_of(cells))
    doubts = {doubt for one in found for doubt in one.doubts}
    notes = {note for one in found for note in one.notes}
    return "\n\n".join([*parts, "\n".join(rests_on(doubts, notes))])


def as_json(one: Actual) -> dict[str, Any]:
    return {
        "useCase": one.use_case,
        "variant": one.variant,
        "run": one.run,
        "compared": [
            {"what": row.what, "estimated": row.estimated, "used": row.used, "share": row.share}
            for row in one.rows
        ],
        "doubts": list(one.doubts),
        "notes": list(one.notes),
    }


def _number(value: float) -> str:
    return f"{value:,.4f}" if value < 10 else f"{value:,.0f}"


def _of_files(files: Sequence[Path]) -> Iterator[tuple[UseCase, str, dict[str, Any]]]:
    """Raises: Refused."""
    for file in files:
        try:
            record = json.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise Refused(f"{file}: {error}") from error
        except ValueError as error:
            raise Refused(f"{file} is no JSON, as last_good.json of a run is: {error}") from error
        name, variant = file.resolve().parent.parent.name, file.resolve().parent.name
        yield _named(name, str(file)), variant, record


def _named(name: str, place: str) -> UseCase:
    for use_case in USE_CASES:
        if use_case.name == name:
            return use_case
    names = ", ".join(case.name for case in USE_CASES)
    raise Refused(f"{place}: lies in no folder <use case>/<variant> of a use case; there are: {names}")


def _of_bucket(bucket: str, stage: str) -> Iterator[tuple[UseCase, str, dict[str, Any]]]:
    """Raises: Refused, if the bucket cannot be read."""
    client = boto3.client("s3")
    for use_case in use_cases_in(stage, client.meta.region_name, USE_CASES):
        for variant in use_case.variants:
            key = keys.last_good(use_case.name, variant.name)
            try:
                body = client.get_object(Bucket=bucket, Key=key)["Body"].read()
            except ClientError as error:
                if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                    continue
                raise Refused(f"s3://{bucket}/{key}: {error}") from error
            except BotoCoreError as error:
                raise Refused(f"s3://{bucket}/{key}: {error}") from error
            yield use_case, variant.name, json.loads(body)
