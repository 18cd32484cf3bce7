"""Log groups of functions that a stage has only because of Amazon Personalize."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from operations.leaving.scope import Scope, Thing
from operations.leaving.stacks import Stacks

LOG_GROUP = "log group"
_FUNCTIONS = ("SolutionSettingsFunctionLogs", "CampaignsFunctionLogs")
"""Beginning of their logical ids, which CloudFormation puts behind the stack's name."""


def log_groups(logs: Any, scope: Scope, stacks: Stacks) -> Iterator[Thing]:
    """Those that no stack holds any more, by name and tags."""
    stack = f"{scope.cdk_stage}-Data-"
    for page in logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=stack):
        for group in page["logGroups"]:
            name = group["logGroupName"]
            if not name.removeprefix(stack).startswith(_FUNCTIONS) or stacks.has(name):
                continue
            arn = group["arn"].removesuffix(":*")
            if scope.confirmed(logs.list_tags_for_resource(resourceArn=arn).get("tags", {})):
                yield Thing(LOG_GROUP, name, name)
