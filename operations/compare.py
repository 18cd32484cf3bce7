"""What the newest comparison of two variants has found, and whether anything stands against a ramp."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from operations.estate.data_bucket import data_bucket_name
from pipeline.comparison import page, stored, table
from pipeline.errors import ObjectMissing
from pipeline.storage import Bucket

COMPARE = "compare"


def add_command(commands: Any, stage: argparse.ArgumentParser) -> None:
    compare = commands.add_parser(
        COMPARE,
        parents=[stage],
        help="two variants' lists held against each other; exit code 1 if something blocks a ramp",
    )
    compare.add_argument("--use-case", required=True, help="by its name in the configuration")
    compare.add_argument("--run", help="of which run (default: the newest that was compared)")
    compare.add_argument("--a", default="personalize", help="the default variant (default: %(default)s)")
    compare.add_argument("--b", default="own", help="the one that people may get (default: %(default)s)")
    compare.add_argument("--json", action="store_true", help="print everything that was found, as JSON")
    compare.add_argument("--html", type=Path, metavar="FILE", help="write the page as well")


def run(options: argparse.Namespace, clients: Callable[[str], Any]) -> int:
    """clients: makes an AWS client for a service's name. Answers 1 if something blocks a ramp, or else 0.

    Raises: ObjectMissing, if there is no comparison; StorageFailed; UnknownFormat, if newer code wrote it.
    """
    bucket = Bucket(clients("s3"), data_bucket_name(clients("cloudformation"), options.stage))
    found = _found(bucket, options)
    if options.html is not None:
        options.html.write_text(page.page(found), encoding="utf-8")
    print(json.dumps(found, indent=2, ensure_ascii=False) if options.json else table.text(found))
    return int(bool(found["blocks"]))


def _found(bucket: Bucket, options: argparse.Namespace) -> Mapping[str, Any]:
    use_case, pair = options.use_case, (options.a, options.b)
    if options.run is not None:
        found = stored.read(bucket, use_case, options.run, *pair)
    else:
        found = stored.newest(bucket, use_case, *pair)
    if found is None:
        of_run = f" of run {options.run}" if options.run else ""
        runs = ", ".join(stored.runs(bucket, use_case)[-5:]) or "none"
        raise ObjectMissing(
            f"{use_case}: {options.a} and {options.b} were not compared{of_run} in "
            f"{bucket.url(stored.PREFIX)}; newest runs with a comparison: {runs}"
        )
    return found
