"""boto3 clients that call back into the local cloud."""

from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config

from local_cloud.ground.settings import Settings

_lock = Lock()


@dataclass(frozen=True)
class Keys:
    """Of a role's session."""

    key_id: str
    secret: str
    token: str


@cache
def _session(region: str) -> Any:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=region)


@cache
def _cached_client(settings: Settings, service: str, region: str, keys: Keys | None) -> Any:
    # Whoever has rights that are judged asks by way of the judge.
    directly = service.startswith("personalize") and keys is None
    return _session(region).client(
        service,
        endpoint_url=settings.personalize_endpoint_url if directly else settings.endpoint_url,
        aws_access_key_id=keys.key_id if keys else None,
        aws_secret_access_key=keys.secret if keys else None,
        aws_session_token=keys.token if keys else None,
        config=Config(
            retries={"total_max_attempts": 1},
            read_timeout=900,
            max_pool_connections=50,
            inject_host_prefix=False,
            s3={"addressing_style": "path"},
        ),
    )


def client(settings: Settings, service: str, region: str | None = None, keys: Keys | None = None) -> Any:
    """One client per service, region and keys; without keys, of the cloud's own user.

    boto3 clients may be shared by threads, creating them may not.
    """
    with _lock:
        return _cached_client(settings, service, region or settings.region, keys)
