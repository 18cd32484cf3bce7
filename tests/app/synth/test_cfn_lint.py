"""cfn-lint knows each resource type's schema in each region."""

import json
from typing import Any

from cfnlint.api import lint
from cfnlint.config import ManualArgs

# The CDK says "after all of this construct" by naming each resource in it, also those that are referred to.
DEPENDENCY_SAID_TWICE = "W3005"


def test_cfn_lint_has_nothing_to_say(template: dict[str, Any], stack_name: str) -> None:
    region = "-".join(stack_name.split("-")[1:4])

    findings = lint(
        json.dumps(template), config=ManualArgs(regions=[region], ignore_checks=[DEPENDENCY_SAID_TWICE])
    )

    assert [f"{finding.rule.id} {finding.path}: {finding.message}" for finding in findings] == []
