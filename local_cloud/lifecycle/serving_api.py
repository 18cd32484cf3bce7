"""The deployed serving API, asked as the application's backend asks it: with signed requests."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session

from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings

OUTPUT = "ApiUrl"


class NoApi(RuntimeError):
    """No stack has an output with the API's address."""


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    """of JSON; None if there is none"""


class ServingApi:
    """`url` has no slash at its end."""

    def __init__(self, settings: Settings, url: str) -> None:
        self.url = url
        self._region = settings.region
        environment = settings.environment()
        self.credentials = Credentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
        self._session = URLLib3Session()

    @classmethod
    def deployed(cls, settings: Settings) -> "ServingApi":
        """Raises: NoApi."""
        url = address(settings)
        if url is None:
            raise NoApi(f"no stack has an output {OUTPUT}: is the stage deployed?")
        return cls(settings, url)

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, document: Any) -> Answer:
        return self.ask("POST", path, document)

    def put(self, path: str, document: Any) -> Answer:
        return self.ask("PUT", path, document)

    def ask(self, method: str, path: str, document: Any = None) -> Answer:
        """`path` begins with a slash and is percent-encoded."""
        body = b"" if document is None else json.dumps(document).encode()
        headers = self.signed(method, path, body)
        prepared = AWSRequest(method, self.url + path, data=body, headers=headers).prepare()
        answer = self._session.send(prepared)
        return Answer(answer.status_code, json.loads(answer.content) if answer.content else None)

    def signed(self, method: str, path: str, body: bytes = b"") -> Mapping[str, str]:
        """Headers of a request that holds for some minutes."""
        headers = {"Content-Type": "application/json"} if body else {}
        request = AWSRequest(method, self.url + path, data=body, headers=headers)
        SigV4Auth(self.credentials, "execute-api", self._region).add_auth(request)
        return dict(request.headers.items())


def address(settings: Settings) -> str | None:
    """Of the serving API, if it is deployed."""
    pages = client(settings, "cloudformation").get_paginator("describe_stacks").paginate()
    for stack in (stack for page in pages for stack in page["Stacks"]):
        for output in stack.get("Outputs", []):
            if output["OutputKey"] == OUTPUT:
                return str(output["OutputValue"])
    return None


def in_path(text: str) -> str:
    """A path's segment."""
    return quote(text, safe="")
