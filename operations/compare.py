"""What the newest comparison of two variants has found, and whether anything stands against a ramp."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipeline.comparison import page, stored, table
from pipeline.errors import ObjectMissing
from pipeline.storage import Bucket

COMPARE = "compare"
_OUTPUT = "DataBucketName"


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
    bucket = Bucket(clients("s3"), _bucket_name(clients("cloudformation"), options.stage))
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


def _bucket_name(cloudformation: Any, stage: str) -> str:
    """Of the stack with the stage's data, in the region that is asked.

    Raises: ObjectMissing, if the stack is not there, or does not say.
    """
    region = cloudformation.meta.region_name
    stack = f"{stage.capitalize()}-{region}-Data"
    try:
        [described] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except cloudformation.exceptions.ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        raise ObjectMissing(f"there is no stack {stack} in {region}") from error
    names = [
        output["OutputValue"] for output in described.get("Outputs", ()) if output["OutputKey"] == _OUTPUT
    ]
    if not names:
        raise ObjectMissing(f"the stack {stack} has no output {_OUTPUT}")
    return str(names[0])
