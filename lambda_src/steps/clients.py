"""AWS clients, made when first needed and kept while the function is warm."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from pipeline.generations import Generations
from pipeline.regions.epochs import Epochs
from pipeline.regions.fence import Fence
from pipeline.storage import CONNECTIONS, Bucket
from pipeline.terms import Term
from steps.environment import RegionsEnvironment, step_environment

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=60,
    retries={"mode": "standard", "max_attempts": 5},
    parameter_validation=False,
    max_pool_connections=CONNECTIONS,
)
# A region that does not answer is one that may have been lost: soon known, and asked again by the next call.
_ELSEWHERE = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"})


@cache
def client(service: str) -> Any:
    return boto3.client(service, config=_CONFIG)


def data_bucket() -> Bucket:
    return Bucket.named(client("s3"), step_environment().data_bucket)


def generations(use_case: str, variant: str, term: Term | None = None) -> Generations:
    """term: in whose name the pointer is moved, if it is."""
    table = step_environment().serving_table
    return Generations(client("dynamodb"), table, use_case, variant, term=term or Term())


@cache
def _elsewhere(region: str) -> Any:
    return boto3.client("dynamodb", region_name=region, config=_ELSEWHERE)


def fence() -> Fence:
    """Of the region that the function runs in."""
    environment = RegionsEnvironment.read()
    regions, table = environment.active_regions.split(","), environment.serving_table
    here = client("dynamodb")
    own = str(here.meta.region_name)
    others = {
        region: Epochs(_elsewhere(region), table, region, regions[0]) for region in regions if region != own
    }
    return Fence(Epochs(here, table, own, regions[0]), others)
