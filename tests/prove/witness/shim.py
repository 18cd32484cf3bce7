"""MiniStack with what this app needs and it lacks: Personalize, SES templates, JSONata in Parallel and Map.

Runs on the Python of MiniStack's own environment. PERSONALIZE is the address of a Personalize server, which
answers behind MiniStack's own endpoint; everything else is MiniStack's, configured by its variables.
"""

import asyncio
import json
import os
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

import botocore.session
import ministack.app as ministack
from botocore.exceptions import ClientError
from ministack.core import lambda_runtime, responses, router
from ministack.services import ses_v2, stepfunctions
from ministack.services.cloudformation import provisioners

PERSONALIZE = os.environ["PERSONALIZE"]
KINDS = {
    "DatasetGroup": "dataset_group",
    "Schema": "schema",
    "Dataset": "dataset",
    "Solution": "solution",
    "Filter": "filter",
    "EventTracker": "event_tracker",
}
_session = botocore.session.get_session()


def personalize() -> Any:
    return _session.create_client(
        "personalize",
        endpoint_url=PERSONALIZE,
        region_name=responses.get_region(),
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


def forward(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
    """The Personalize server's answer to a request as it came."""
    address = f"{PERSONALIZE}{path}" + (f"?{urlencode(query, doseq=True)}" if query else "")
    kept = {name: value for name, value in headers.items() if name not in ("host", "content-length")}
    data = body.encode() if isinstance(body, str) else body or None
    request = urllib.request.Request(address, data=data, headers=kept, method=method)
    try:
        answer = urllib.request.urlopen(request)
    except urllib.error.HTTPError as problem:
        answer = problem
    with answer:
        kept = {name: value for name, value in answer.headers.items() if name.lower().startswith("x-amz")}
        kept["Content-Type"] = answer.headers.get("Content-Type", "application/json")
        return answer.status, kept, answer.read()


async def personalize_handler(*request: Any) -> Any:
    return await asyncio.to_thread(forward, *request)


def in_words_of(shape: Any, value: Any) -> Any:
    """A template's properties under the names of an operation's input."""
    if shape.type_name == "structure":
        members = {name.lower().removeprefix("tag"): name for name in shape.members}
        names = {name: members[name.lower().removeprefix("tag")] for name in value}
        return {names[name]: in_words_of(shape.members[names[name]], part) for name, part in value.items()}
    if shape.type_name == "list":
        return [in_words_of(shape.member, part) for part in value]
    if shape.type_name == "boolean" and isinstance(value, str):
        return value == "true"
    if shape.type_name in ("integer", "long", "double", "float"):
        return float(value) if shape.type_name in ("double", "float") else int(value)
    return value


def personalize_type(kind: str, word: str) -> dict[str, Any]:
    member = kind[0].lower() + kind[1:]

    def state(client: Any, arn: str) -> str:
        try:
            answer = getattr(client, f"describe_{word}")(**{f"{member}Arn": arn})
        except ClientError as problem:
            if problem.response["Error"]["Code"] == "ResourceNotFoundException":
                return "GONE"
            raise
        return str(answer[member].get("status", "ACTIVE"))

    def until(client: Any, arn: str, wanted: str) -> None:
        while (now := state(client, arn)) != wanted:
            if now.endswith("FAILED"):
                raise ValueError(f"{arn} is {now}")
            time.sleep(0.1)

    def create(_logical: str, properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
        client = personalize()
        shape = client.meta.service_model.operation_model(f"Create{kind}").input_shape
        answer = getattr(client, f"create_{word}")(**in_words_of(shape, properties))
        arn = answer[f"{member}Arn"]
        until(client, arn, "ACTIVE")
        attributes = {
            name[0].upper() + name[1:]: text for name, text in answer.items() if name != "ResponseMetadata"
        }
        return arn, attributes

    def delete(arn: str, _properties: dict[str, Any]) -> None:
        client = personalize()
        if state(client, arn) != "GONE":
            getattr(client, f"delete_{word}")(**{f"{member}Arn": arn})
            until(client, arn, "GONE")

    return {"create": create, "delete": delete}


def create_template(_logical: str, properties: dict[str, Any], _stack: str) -> tuple[str, dict[str, str]]:
    template = properties["Template"]
    name = template["TemplateName"]
    ses_v2._templates[name] = {**template, "CreatedTimestamp": responses.now_iso(), "Tags": []}
    return name, {"Id": name}


def delete_template(name: str, _properties: dict[str, Any]) -> None:
    ses_v2._templates.pop(name, None)


def create_identity(logical: str, properties: dict[str, Any], stack: str) -> tuple[str, dict[str, str]]:
    """MiniStack's, with the attributes that a template may ask for."""
    domain, attributes = provisioners._ses_email_identity_create(logical, properties, stack)
    for number in (1, 2, 3):
        attributes[f"DkimDNSTokenName{number}"] = f"token{number}._domainkey.{domain}"
        attributes[f"DkimDNSTokenValue{number}"] = f"token{number}.dkim.amazonses.com"
    return domain, attributes


def create_alarm(logical: str, properties: dict[str, Any], stack: str) -> Any:
    """MiniStack's, but none for an alarm on an expression, which it refuses: nobody finds that one."""
    if properties.get("Metrics"):
        return f"{stack}-{logical}-refused", {}
    return _create_alarm(logical, properties, stack)


_create_alarm = provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]["create"]


def without_layers(spawn: Any) -> Any:
    """Functions run on this environment's packages: layers hold those of another platform and Python."""

    def wrapped(worker: Any) -> None:
        worker.config = {**worker.config, "Layers": []}
        spawn(worker)

    return wrapped


def with_jsonata(run: Any) -> Any:
    """The Output and Assign of a state whose results come from `run`."""

    def wrapped(state: dict[str, Any], given: Any, *more: Any) -> Any:
        results, then = run(state, given, *more)
        context = more[-1]
        if stepfunctions._state_query_language(state, context) == "JSONata":
            output = stepfunctions._apply_jsonata_output(
                state, given, context, result=results, default=results
            )
            stepfunctions._apply_state_assign(state, given, context, result=results)
            return output, then
        return results, then

    return wrapped


def resolve(template: Any, given: Any, context: Any) -> Any:
    """Arguments of an ItemReader and an ItemSelector, which may hold JSONata."""
    if "{%" in json.dumps(template):
        return stepfunctions._apply_jsonata_template(template, given, context)
    return _resolve_params(template, given, context)


_resolve_params = stepfunctions._resolve_params_obj


def install() -> None:
    lambda_runtime.Worker._spawn = without_layers(lambda_runtime.Worker._spawn)
    stepfunctions._run_parallel_branches = with_jsonata(stepfunctions._run_parallel_branches)
    stepfunctions._run_distributed_map = with_jsonata(stepfunctions._run_distributed_map)
    stepfunctions._resolve_params_obj = resolve
    provisioners._RESOURCE_HANDLERS["AWS::SES::EmailIdentity"]["create"] = create_identity
    provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]["create"] = create_alarm
    router.SERVICE_PATTERNS["personalize"] = {"target_prefixes": ["AmazonPersonalize"]}
    ministack.SERVICE_HANDLERS["personalize"] = personalize_handler
    stepfunctions._AWS_SDK_SERVICE_MAP["personalize"] = {
        "target_prefix": "AmazonPersonalize",
        "protocol": "json",
        "param_case": "lower-camel",
    }
    stepfunctions._AWS_SDK_ERROR_PREFIX["personalize"] = "Personalize"
    for kind, word in KINDS.items():
        provisioners._RESOURCE_HANDLERS[f"AWS::Personalize::{kind}"] = personalize_type(kind, word)
    provisioners._RESOURCE_HANDLERS["AWS::SES::Template"] = {
        "create": create_template,
        "delete": delete_template,
    }


if __name__ == "__main__":
    install()
    ministack.main()
