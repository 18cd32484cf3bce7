"""Whose account it is, and what has to be there before anything is made."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from local_cloud.ground.settings import Settings
from personalize_server.facts.quotas import Quotas
from verification.ground.plan import Refused

_CONFIG = Config(retries={"mode": "standard", "max_attempts": 8}, connect_timeout=10, read_timeout=60)
_OWN_ENDPOINT = {"personalize", "personalize-events", "personalize-runtime"}


@dataclass(frozen=True)
class Cloud:
    """AWS, or the local cloud at an endpoint, whose Personalize and gateway have the ports next to it."""

    region: str
    endpoint: str | None = None

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """What leads an SDK and the CDK CLI there, besides the process's own variables.

        Raises: Refused, if the endpoint has no port.
        """
        if self.endpoint is None:
            return {"AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        port = urlsplit(self.endpoint).port
        if port is None:
            raise Refused(f"{self.endpoint} has no port; the local cloud's is shown by `make status`")
        settings = Settings(port=port, personalize_port=port + 1, gateway_port=port + 3, region=self.region)
        return settings.environment()

    @cached_property
    def _session(self) -> Any:
        given = self.environment
        return boto3.Session(
            region_name=self.region,
            aws_access_key_id=given.get("AWS_ACCESS_KEY_ID"),
            aws_secret_access_key=given.get("AWS_SECRET_ACCESS_KEY"),
        )

    @property
    def credentials(self) -> Any:
        """To sign requests with."""
        return self._session.get_credentials()

    def client(self, service: str) -> Any:
        variable = "AWS_ENDPOINT_URL_PERSONALIZE" if service in _OWN_ENDPOINT else "AWS_ENDPOINT_URL"
        url = self.environment.get(variable)
        return self._session.client(service, config=_CONFIG, endpoint_url=url)


@dataclass(frozen=True)
class Caller:
    account: str
    arn: str


def reached(cloud: Cloud) -> Caller:
    """Who the credentials are. Raises: Refused, if there are none, or they are not taken."""
    stray = [name for name in os.environ if name.startswith("AWS_ENDPOINT_URL")]
    if cloud.endpoint is None and stray:
        raise Refused(f"{', '.join(stray)} leads elsewhere than AWS: unset it, or name --endpoint")
    try:
        answer = cloud.client("sts").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise Refused(f"no usable credentials: {error}") from error
    return Caller(account=answer["Account"], arn=answer["Arn"])


def require_account(caller: Caller, wanted: str, *, given: bool) -> None:
    """given: whether the account was named on the command line. Raises: Refused, if it is another one."""
    if caller.account == wanted:
        return
    whose = "which --account names" if given else "which is the stage's"
    raise Refused(
        f"the credentials are of account {caller.account} ({caller.arn}), not of {wanted}, {whose}; "
        f"`--account {caller.account}` deploys into theirs"
    )


def require_room(cloud: Cloud, needed: int) -> None:
    """Raises: Refused, if the region's quota has no room for so many dataset groups more."""
    code, quota = "L-14011066", float(Quotas().dataset_groups)
    try:
        answer = cloud.client("service-quotas").get_service_quota(ServiceCode="personalize", QuotaCode=code)
        quota = answer["Quota"]["Value"]
    except (BotoCoreError, ClientError):
        print(f"  the quota of dataset groups cannot be read; {quota:.0f}, the default, is counted with")
    pages = cloud.client("personalize").get_paginator("list_dataset_groups").paginate()
    there = sum(len(page["datasetGroups"]) for page in pages)
    if there + needed > quota:
        raise Refused(
            f"{there} dataset groups are there, {needed} more are needed, and the quota is {quota:.0f}: ask "
            f"for more of quota {code} (Amazon Personalize), or do with one group less by --no-probes"
        )


def require_bootstrap(cloud: Cloud, account: str) -> None:
    """Raises: Refused, if the account has no CDK bootstrap in the region."""
    try:
        cloud.client("cloudformation").describe_stacks(StackName="CDKToolkit")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise Refused(f"whether the account is bootstrapped cannot be seen: {error}") from error
        raise Refused(
            f"account {account} has no CDK bootstrap in {cloud.region}: "
            f"`node_modules/.bin/cdk bootstrap aws://{account}/{cloud.region}` makes it, once"
        ) from error
