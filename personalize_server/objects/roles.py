"""Sessions of the roles that jobs are given."""

from functools import partial
from typing import Any

import boto3
import botocore.session
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialResolver,
    DeferredRefreshableCredentials,
)

SESSION = "personalize"
"""the name of the sessions"""


class _Role:
    """What botocore asks for credentials."""

    METHOD = "assume-role"

    def __init__(self, fetcher: AssumeRoleCredentialFetcher) -> None:
        self._fetcher = fetcher

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(
            method=self.METHOD, refresh_using=self._fetcher.fetch_credentials
        )


def assumed(role: str, endpoint: str | None, region: str) -> Any:
    """A boto3 session with the role's credentials, which are fetched when first needed and then renewed.

    endpoint: where STS is; None: AWS.
    """
    own = botocore.session.get_session()
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=partial(own.create_client, endpoint_url=endpoint, region_name=region),
        source_credentials=own.get_credentials(),
        role_arn=role,
        extra_args={"RoleSessionName": SESSION},
    )
    session = botocore.session.get_session()
    session.register_component("credential_provider", CredentialResolver([_Role(fetcher)]))
    return boto3.session.Session(botocore_session=session)
