"""AWS clients, made when first needed and kept while the function is warm."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from pipeline.generations import Generations
from pipeline.storage import CONNECTIONS, Bucket
from steps.environment import step_environment

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "max_attempts": 5},
    parameter_validation=False,
    max_pool_connections=CONNECTIONS,
)


@cache
def client(service: str) -> Any:
    return boto3.client(service, config=_CONFIG)


def data_bucket() -> Bucket:
    return Bucket(client("s3"), step_environment().data_bucket)


def generations(use_case: str, variant: str) -> Generations:
    return Generations(client("dynamodb"), step_environment().serving_table, use_case, variant)
