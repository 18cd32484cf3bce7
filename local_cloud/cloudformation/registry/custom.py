"""Custom resources: the function is called and its answer awaited, as CloudFormation does."""

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.cloudformation.resources import custom_resource_answers as answers
from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names
from local_cloud.cloudformation.templates.errors import ResourceFailed
from local_cloud.cloudformation.templates.intrinsics import text_of
from local_cloud.functions import invoker

# How long an answer may be on its way once the function has ended.
ANSWER_SECONDS = 2.0
_OWN = names("ServiceToken ServiceTimeout")


@dataclass(frozen=True)
class Answer:
    physical_id: str | None
    data: Mapping[str, Any]


def _ask(request: Request, kind: str, **more: Any) -> Answer:
    token, url = answers.expect(request.settings)
    event = {
        "RequestType": kind,
        "RequestId": str(uuid.uuid4()),
        "ResponseURL": url,
        "ResourceType": request.type,
        "LogicalResourceId": request.logical_id,
        "StackId": request.stack_id,
        "ServiceToken": request.properties["ServiceToken"],
        "ResourceProperties": _as_texts(request.properties),
        **more,
    }
    function = request.properties["ServiceToken"]
    if ":lambda:" not in function:
        raise ResourceFailed(f"the local cloud calls functions only, not the service token {function}")
    begin = time.monotonic()
    result = invoker.invoke(function, json.dumps(event).encode(), region=request.region)
    if result.function_error:
        answer = answers.wait(token, 0)
        if answer is None:
            error = json.loads(result.payload)
            raise ResourceFailed(f"Received no response: {error['errorType']}: {error['errorMessage']}")
    else:
        answer = answers.wait(token, ANSWER_SECONDS)
    if answer is None:
        took = time.monotonic() - begin
        raise ResourceFailed(
            f"CloudFormation did not receive a response from your Custom Resource ({took:.0f} s)."
        )
    if answer.get("Status") != "SUCCESS":
        reason = answer.get("Reason") or "no reason given"
        raise ResourceFailed(
            f"Received response status [FAILED] from custom resource. Message returned: {reason}"
        )
    return Answer(answer.get("PhysicalResourceId"), answer.get("Data") or {})


def _create(request: Request) -> Physical:
    answer = _ask(request, "Create")
    if not answer.physical_id:
        raise ResourceFailed("Invalid PhysicalResourceId")
    return Physical(answer.physical_id, answer.data)


def _update(request: Request, physical: Physical) -> Physical:
    answer = _ask(
        request,
        "Update",
        PhysicalResourceId=physical.id,
        OldResourceProperties=_as_texts(request.old_properties),
    )
    return Physical(answer.physical_id or physical.id, answer.data)


def _delete(request: Request, physical: Physical) -> None:
    _ask(request, "Delete", PhysicalResourceId=physical.id)


def _as_texts(value: Any) -> Any:
    """CloudFormation hands every scalar over as text."""
    if isinstance(value, Mapping):
        return {key: _as_texts(item) for key, item in value.items() if key != "ServiceTimeout"}
    if isinstance(value, list):
        return [_as_texts(item) for item in value]
    return text_of(value)


CUSTOM_RESOURCE = ResourceType(
    name="AWS::CloudFormation::CustomResource",
    create=_create,
    update=_update,
    delete=_delete,
    properties=_OWN,
    replacing=frozenset(),
    any_property=True,
)
TYPES = (CUSTOM_RESOURCE,)
