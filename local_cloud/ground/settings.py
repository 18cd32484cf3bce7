"""What every room of the local cloud has to know."""

from dataclasses import dataclass
from enum import Enum
from math import inf
from pathlib import Path

DEFAULT_PORT = 4566
DEFAULT_PERSONALIZE_PORT = 4567
DEFAULT_GATEWAY_PORT = 4569
DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "eu-west-1"


class Rights(Enum):
    """What becomes of a call that its caller's policies do not allow."""

    OFF = "off"
    """nothing is judged"""
    WARN = "warn"
    """it is done, recorded and logged"""
    ENFORCE = "enforce"
    """it is refused as AWS refuses it"""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """`time_scale` says how many seconds of a deployed wait pass in one real second; 1 is real time.

    `standby_regions` are those that are deployed beside `region`.
    """

    port: int = DEFAULT_PORT
    personalize_port: int = DEFAULT_PERSONALIZE_PORT
    gateway_port: int = DEFAULT_GATEWAY_PORT
    region: str = DEFAULT_REGION
    account: str = DEFAULT_ACCOUNT
    time_scale: float = 1.0
    state_dir: Path = Path(".local")
    rights: Rights = Rights.OFF
    standby_regions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.time_scale < inf:
            raise ValueError(f"time_scale must be positive and finite, got {self.time_scale}")

    @property
    def endpoint_url(self) -> str:
        # The word localhost: with 127.0.0.1 moto takes the host for a bucket's subdomain.
        return f"http://localhost:{self.port}"

    @property
    def personalize_address(self) -> str:
        return f"http://localhost:{self.personalize_port}"

    @property
    def personalize_endpoint_url(self) -> str:
        """Of several regions, each may be lost: all that is asked of one goes by the same door."""
        return self.endpoint_url if self.standby_regions else self.personalize_address

    @property
    def gateway_url(self) -> str:
        """HTTP APIs are below it, each under its id."""
        return f"http://localhost:{self.gateway_port}"

    def environment(self, region: str | None = None) -> dict[str, str]:
        """The variables that lead an AWS SDK, and the CDK CLI, to this cloud."""
        region = region or self.region
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_ENDPOINT_URL_PERSONALIZE": self.personalize_endpoint_url,
            "AWS_ENDPOINT_URL_PERSONALIZE_RUNTIME": self.personalize_endpoint_url,
            "AWS_ENDPOINT_URL_PERSONALIZE_EVENTS": self.personalize_endpoint_url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
