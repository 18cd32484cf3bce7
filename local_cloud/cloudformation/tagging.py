"""What a declaration says of a resource, with the tags that CloudFormation adds.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html
"""

from collections.abc import Mapping
from typing import Any

from local_cloud.cloudformation.registry import type_of
from local_cloud.cloudformation.resources.resource import tag_map
from local_cloud.cloudformation.stacks.model import Desired, Stack
from local_cloud.cloudformation.stacks.scope import StackScope
from local_cloud.cloudformation.templates.intrinsics import evaluate
from local_cloud.cloudformation.templates.template import Declaration


def properties_of(
    declaration: Declaration, scope: StackScope, stack: Stack, desired: Desired
) -> Mapping[str, Any]:
    """Raises: ValidationError, as `evaluate` does."""
    properties: Mapping[str, Any] = evaluate(declaration.properties, scope)
    row = type_of(declaration.type)
    own = _own(stack, declaration.logical_id) if row.names_its_stack else {}
    # Tags that cannot change would make a new resource of every change of the stack's.
    of_stack = dict(desired.tags) if "Tags" in row.properties else {}
    given = properties.get("Tags")
    if "Tags" not in row.properties | row.replacing or not (own or of_stack):
        return properties
    if isinstance(given, Mapping):
        return {**properties, "Tags": {**of_stack, **given, **own}}
    more = {name: value for name, value in of_stack.items() if name not in tag_map(given)} | own
    return {**properties, "Tags": [*(given or []), *({"Key": k, "Value": v} for k, v in more.items())]}


def _own(stack: Stack, logical_id: str) -> dict[str, str]:
    prefix = "aws:cloudformation:"
    return {
        f"{prefix}stack-name": stack.name,
        f"{prefix}stack-id": stack.id,
        f"{prefix}logical-id": logical_id,
    }
