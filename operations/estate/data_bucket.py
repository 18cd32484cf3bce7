"""The bucket with a stage's data."""

from __future__ import annotations

from typing import Any

from pipeline.errors import ObjectMissing

_OUTPUT = "DataBucketName"


def data_bucket_name(cloudformation: Any, stage: str) -> str:
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
