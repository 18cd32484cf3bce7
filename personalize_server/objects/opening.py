"""Which store of objects a plan works with."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from personalize_server.objects.file_objects import FileObjects
from personalize_server.objects.s3 import Objects, S3Objects


def objects_of(plan: Mapping[str, Any]) -> Objects:
    """Where a plan's `file_root`, or else its `s3_endpoint` and `region`, say that objects are."""
    if plan["file_root"] is not None:
        return FileObjects(Path(plan["file_root"]))
    return S3Objects(plan["s3_endpoint"], plan["region"])
