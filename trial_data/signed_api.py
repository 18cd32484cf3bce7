"""Signed requests to a serving API, with the credentials of the environment."""

import json
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.httpsession import URLLib3Session

from trial_data.application import NotAnswered


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any


class SignedApi:
    """url: without a slash at its end. Raises: NotAnswered, if there are neither credentials nor a region."""

    def __init__(self, url: str) -> None:
        session = boto3.session.Session()
        credentials, region = session.get_credentials(), session.region_name
        if credentials is None or region is None:
            raise NotAnswered("requests are signed: set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION")
        self._url = url.rstrip("/")
        self._signer = SigV4Auth(credentials.get_frozen_credentials(), "execute-api", region)
        self._session = URLLib3Session()

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, b"")

    def post(self, path: str, document: Any) -> Answer:
        return self._ask("POST", path, json.dumps(document).encode())

    def _ask(self, method: str, path: str, body: bytes) -> Answer:
        headers = {"Content-Type": "application/json"} if body else {}
        request = AWSRequest(method, self._url + path, data=body, headers=headers)
        self._signer.add_auth(request)
        answer = self._session.send(request.prepare())
        try:
            return Answer(answer.status_code, json.loads(answer.content) if answer.content else None)
        except ValueError:
            return Answer(answer.status_code, answer.text[:200])
