"""Credentials of another server, read from Secrets Manager by a secret's name."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import botocore.session
from botocore.credentials import CredentialProvider, RefreshableCredentials
from botocore.exceptions import CredentialRetrievalError

LASTING = timedelta(hours=1)
"""After which a secret is read again; a quarter of an hour before, if it can be read then."""


def session_of(secrets: Any, name: str, now: Callable[[], datetime] | None = None) -> boto3.Session:
    """secrets: a client of Secrets Manager. now: UTC.

    Raises: CredentialRetrievalError, if the secret is not JSON with accessKeyId and secretAccessKey; whatever
    the client raises.
    """
    provider = _Provider(secrets, name, now or (lambda: datetime.now(UTC)))
    core = botocore.session.Session()
    core.get_component("credential_provider").insert_before("env", provider)
    session = boto3.Session(botocore_session=core)
    session.get_credentials()
    return session


class _Provider(CredentialProvider):  # type: ignore[misc]
    METHOD = CANONICAL_NAME = "secret"

    def __init__(self, secrets: Any, name: str, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._secrets, self._name, self._now = secrets, name, now

    def load(self) -> RefreshableCredentials:
        return RefreshableCredentials.create_from_metadata(
            metadata=self._read(), refresh_using=self._read, method=self.METHOD
        )

    def _read(self) -> dict[str, str | None]:
        text = self._secrets.get_secret_value(SecretId=self._name)["SecretString"]
        try:
            given = json.loads(text)
            key, secret = given["accessKeyId"], given["secretAccessKey"]
            if not all(isinstance(value, str) and value for value in (key, secret)):
                raise TypeError("a member is no text")
        except (ValueError, LookupError, TypeError):
            # Not the cause: its message may have a part of the secret.
            wanted = f"{self._name} must be JSON with the texts accessKeyId and secretAccessKey"
            raise CredentialRetrievalError(provider=self.METHOD, error_msg=wanted) from None
        until = (self._now() + LASTING).isoformat()
        return {"access_key": key, "secret_key": secret, "token": None, "expiry_time": until}
