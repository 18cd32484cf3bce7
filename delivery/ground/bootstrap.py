"""Names of the roles that `cdk bootstrap` makes, and clients that ask by the one that only looks."""

from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

QUALIFIER = "hnb659fds"
LOOKUP = "lookup"
USED = ("deploy", "file-publishing", LOOKUP)
"""Roles that the CDK's command line works by here. The one of images is none of them: nothing is an image."""
Clients = Callable[[str, str], Any]
"""Makes an AWS client of a region (first) for a service."""
_CONFIG = Config(retries={"mode": "standard", "max_attempts": 5})


def role_arn(kind: str, account: str, region: str) -> str:
    return f"arn:aws:iam::{account}:role/cdk-{QUALIFIER}-{kind}-role-{account}-{region}"


def lookup_clients(account: str) -> Clients:
    """Of an account, by the role of each region; asked for when a client is."""

    def make(region: str, service: str) -> Any:
        sts = boto3.client("sts", region_name=region, config=_CONFIG)
        arn = role_arn(LOOKUP, account, region)
        made = sts.assume_role(RoleArn=arn, RoleSessionName="recs-delivery")["Credentials"]
        return boto3.client(
            service,
            region_name=region,
            config=_CONFIG,
            aws_access_key_id=made["AccessKeyId"],
            aws_secret_access_key=made["SecretAccessKey"],
            aws_session_token=made["SessionToken"],
        )

    return make
