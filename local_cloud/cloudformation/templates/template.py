"""Templates: text to a checked value."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from local_cloud.cloudformation.templates.errors import ValidationError

SECTIONS = frozenset(
    {
        "AWSTemplateFormatVersion",
        "Conditions",
        "Description",
        "Mappings",
        "Metadata",
        "Outputs",
        "Parameters",
        "Resources",
        "Rules",
    }
)
RESOURCE_KEYS = frozenset(
    {"Type", "Properties", "DependsOn", "Condition", "DeletionPolicy", "UpdateReplacePolicy", "Metadata"}
)
POLICIES = frozenset({"Delete", "Retain", "RetainExceptOnCreate"})


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A resource as the template declares it, nothing evaluated."""

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    depends_on: tuple[str, ...] = ()
    condition: str | None = None
    deletion_policy: str = "Delete"
    update_replace_policy: str = "Delete"


@dataclass(frozen=True)
class Template:
    body: str
    document: Mapping[str, Any]

    @property
    def description(self) -> str | None:
        return self.document.get("Description")

    def section(self, name: str) -> Mapping[str, Any]:
        return self.document.get(name) or {}

    @cached_property
    def resources(self) -> dict[str, Declaration]:
        return {name: _declaration(name, body) for name, body in self.section("Resources").items()}


def parse(body: str) -> Template:
    """A template from JSON or YAML. Raises: ValidationError, for what is wrong or not implemented."""
    document = _load(body)
    if not isinstance(document, dict):
        raise ValidationError("Template format error: unsupported structure.")
    if "Transform" in document:
        raise ValidationError(f"The local cloud does not implement transforms: {document['Transform']}")
    unknown = sorted(document.keys() - SECTIONS)
    if unknown:
        raise ValidationError(f"Invalid template property or properties {unknown}")
    if not document.get("Resources"):
        raise ValidationError("Template format error: At least one Resources member must be defined.")
    template = Template(body, document)
    for declaration in template.resources.values():
        for dependency in declaration.depends_on:
            if dependency not in template.resources:
                raise ValidationError(
                    f"Template format error: Unresolved resource dependencies [{dependency}] "
                    "in the Resources block of the template"
                )
    return template


def _declaration(name: str, body: Any) -> Declaration:
    if not isinstance(body, dict) or not isinstance(body.get("Type"), str):
        raise ValidationError(
            f"Template format error: [/Resources/{name}] Every Resources object must contain a Type member."
        )
    unknown = sorted(body.keys() - RESOURCE_KEYS)
    if unknown:
        raise ValidationError(f"The local cloud does not implement {unknown} of resource {name}")
    depends_on = body.get("DependsOn", [])
    deletion = body.get("DeletionPolicy", "Delete")
    replacement = body.get("UpdateReplacePolicy", "Delete")
    for policy in (deletion, replacement):
        if policy not in POLICIES:
            raise ValidationError(
                f"The local cloud does not implement the policy {policy} of resource {name}"
            )
    return Declaration(
        logical_id=name,
        type=body["Type"],
        properties=body.get("Properties") or {},
        depends_on=(depends_on,) if isinstance(depends_on, str) else tuple(depends_on),
        condition=body.get("Condition"),
        deletion_policy=deletion,
        update_replace_policy=replacement,
    )


def _load(body: str) -> Any:
    if body.lstrip().startswith("{"):
        try:
            return json.loads(body)
        except ValueError as problem:
            raise ValidationError(f"Template format error: JSON not well-formed. ({problem})") from None
    try:
        return yaml.load(body, Loader=_Loader)
    except yaml.YAMLError as problem:
        raise ValidationError(f"Template format error: YAML not well-formed. ({problem})") from None


def _short_form(loader: Any, suffix: str, node: Any) -> Any:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1)} if suffix == "GetAtt" else {name: value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


# YAML with the short forms of intrinsic functions, and dates left as text ("2012-10-17" is no date).
_Loader: Any = type("_Loader", (yaml.SafeLoader,), {})
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_multi_constructor("!", _short_form)
