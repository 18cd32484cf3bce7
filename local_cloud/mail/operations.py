"""Operations of SES v2 that moto does not have."""

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote, urlsplit

import botocore.session
from botocore.model import ServiceModel
from moto.sesv2 import urls
from moto.sesv2.responses import SESV2Response

# Takes moto's SES backend of the region and the call's members; answers the output's members.
Operation = Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]


def add(name: str, operation: Operation, *, instead: bool = False) -> None:
    """Let moto answer the operation, named as a boto3 method; `instead` of what moto has.

    Raises: RuntimeError, if moto has it unexpectedly, or has not.
    """
    if hasattr(SESV2Response, name) != instead:
        needless = "has no" if instead else "has an"
        raise RuntimeError(f"this version of moto {needless} sesv2 {name}: look at what is put into it")

    def respond(self: Any) -> str:
        path = _path_of(name).search(urlsplit(self.uri).path)
        in_path = {member: unquote(value) for member, value in path.groupdict().items()} if path else {}
        in_query = {member: values[0] for member, values in self.querystring.items()}
        in_body = json.loads(self.body) if self.body else {}
        return json.dumps(operation(self.sesv2_backend.core_backend, {**in_query, **in_body, **in_path}))

    setattr(SESV2Response, name, respond)
    # moto answers at the paths of its own operations only.
    urls.url_paths[f"{{0}}{_path_of(name).pattern}"] = SESV2Response.dispatch


def arn(backend: Any, kind: str, name: str) -> str:
    """Of an identity, a configuration-set or a template, which is how it is tagged."""
    return f"arn:aws:ses:{backend.region_name}:{backend.account_id}:{kind}/{name}"


@cache
def _model() -> ServiceModel:
    return botocore.session.get_session().get_service_model("sesv2")


@cache
def _path_of(name: str) -> re.Pattern[str]:
    """Where the operation's members stand in its path, by the service's model."""
    model = _model()
    operation = next(
        model.operation_model(each) for each in model.operation_names if each.lower() == name.replace("_", "")
    )
    template = operation.http["requestUri"]
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template) + "$")
