"""AWS clients of the API's functions: they give up soon, so that another source still has time to answer."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

_NO_RETRIES = {"mode": "standard", "total_max_attempts": 1}
_TABLE = Config(
    connect_timeout=0.3,
    read_timeout=0.4,
    retries=_NO_RETRIES,
    parameter_validation=False,
    tcp_keepalive=True,
    max_pool_connections=4,
)

_NEWEST = Config(
    connect_timeout=0.05,
    read_timeout=0.05,
    retries=_NO_RETRIES,
    parameter_validation=False,
    tcp_keepalive=True,
)
"""A model answers without them, so that they may take only a part of its budget."""
_MODELS = Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})


@cache
def table_client() -> Any:
    return boto3.client("dynamodb", config=_TABLE)


@cache
def newest_client() -> Any:
    return boto3.client("dynamodb", config=_NEWEST)


@cache
def model_client() -> Any:
    return boto3.client("s3", config=_MODELS)


@cache
def campaign_client(budget_ms: int) -> Any:
    """Of the budget, connecting may take a half and each read all of it."""
    config = Config(
        connect_timeout=budget_ms / 2000,
        read_timeout=budget_ms / 1000,
        retries=_NO_RETRIES,
        parameter_validation=False,
        tcp_keepalive=True,
    )
    return boto3.client("personalize-runtime", config=config)
