"""cfn-lint knows each resource type's schema in each region."""

import json
from typing import Any

import pytest

from tests.app.support import two_tiers
from tests.app.support.template_reading import STACKS

# The CDK says "after all of this construct" by naming each resource in it, also those that are referred to.
DEPENDENCY_SAID_TWICE = "W3005"


@pytest.mark.parametrize("stack", [two_tiers.of_stage(stack, stack) for stack in STACKS])
def test_cfn_lint_has_nothing_to_say(templates: dict[str, dict[str, Any]], stack: str) -> None:
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs

    region = "-".join(stack.split("-")[1:4])

    findings = lint(
        json.dumps(templates[stack]),
        config=ManualArgs(regions=[region], ignore_checks=[DEPENDENCY_SAID_TWICE]),
    )

    assert [f"{finding.rule.id} {finding.path}: {finding.message}" for finding in findings] == []
