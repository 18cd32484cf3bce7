"""AWS clients of the API's functions: they give up soon, so that another source still has time to answer."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from api.secret_credentials import session_of
from pipeline.serving.settings import Realtime, Server

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
_SECRETS = Config(connect_timeout=1, read_timeout=2, retries=_NO_RETRIES)
_MODELS = Config(connect_timeout=1, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 3})


@cache
def table_client() -> Any:
    return boto3.client("dynamodb", config=_TABLE)


@cache
def secret_client() -> Any:
    return boto3.client("secretsmanager", config=_SECRETS)


@cache
def newest_client() -> Any:
    return boto3.client("dynamodb", config=_NEWEST)


@cache
def model_client() -> Any:
    return boto3.client("s3", config=_MODELS)


def campaign_client(realtime: Realtime) -> Any:
    """Raises: BotoCoreError, ClientError, if the credentials of a server cannot be read."""
    if isinstance(realtime, Server):
        return _server_client(realtime.url, realtime.region, realtime.secret, realtime.budget_ms)
    return _campaign_client(realtime.budget_ms)


@cache
def _campaign_client(budget_ms: int) -> Any:
    return boto3.client("personalize-runtime", config=_within(budget_ms))


@cache
def _server_client(url: str, region: str, secret: str | None, budget_ms: int) -> Any:
    session = session_of(secret_client(), secret) if secret else boto3.Session()
    return session.client(
        "personalize-runtime", endpoint_url=url, region_name=region, config=_within(budget_ms)
    )


def _within(budget_ms: int) -> Config:
    """Of the budget, connecting may take a half and each read all of it."""
    return Config(
        connect_timeout=budget_ms / 2000,
        read_timeout=budget_ms / 1000,
        retries=_NO_RETRIES,
        parameter_validation=False,
        tcp_keepalive=True,
    )
