"""AWS in memory: its region, the names of what tests make there, and clients."""

from functools import cache
from typing import Any

import boto3

BUCKET, TABLE, REGION = "data-bucket", "recs-test-serving", "eu-west-1"


@cache  # Making a client takes longer than most tests.
def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")
