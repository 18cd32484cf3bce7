"""Nothing that a rule has to tell is lost when it cannot be delivered."""

from typing import Any

import pytest

from tests.app.support.template_reading import STACKS, Template, flat, resources_of

WITH_RULES = [name for name in STACKS if name.endswith(("-Training", "-Notifications"))]


@pytest.fixture
def rules(templates: dict[str, Template], stack: str) -> dict[str, dict[str, Any]]:
    return resources_of(templates[stack], "AWS::Events::Rule")


def test_only_these_stacks_have_rules(templates: dict[str, Template]) -> None:
    having = {name for name in STACKS if resources_of(templates[name], "AWS::Events::Rule")}
    assert having == set(WITH_RULES)


@pytest.mark.parametrize("stack", WITH_RULES)
def test_what_a_rule_cannot_deliver_is_kept_in_a_queue_that_takes_from_these_rules_only(
    templates: dict[str, Template], stack: str, rules: dict[str, dict[str, Any]]
) -> None:
    kept = {
        flat(target.get("DeadLetterConfig", {}).get("Arn", "")).strip("<>").removesuffix(".Arn")
        for rule in rules.values()
        for target in rule["Targets"]
    }
    [queue] = kept
    properties = resources_of(templates[stack], "AWS::SQS::Queue")[queue]
    [policy] = [
        policy["PolicyDocument"]["Statement"]
        for policy in resources_of(templates[stack], "AWS::SQS::QueuePolicy").values()
        if [flat(url).strip("<>") for url in policy["Queues"]] == [queue]
    ]
    [plain] = [statement for statement in policy if statement["Effect"] == "Deny"]
    [allowed] = [statement for statement in policy if statement["Effect"] == "Allow"]

    assert properties["SqsManagedSseEnabled"] is True
    assert plain["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert allowed["Principal"] == {"Service": "events.amazonaws.com"}
    assert allowed["Action"] == "sqs:SendMessage"
    assert allowed["Condition"].keys() == {"ArnEquals"}
    sources = allowed["Condition"]["ArnEquals"]["aws:SourceArn"]
    assert {flat(arn) for arn in sources} == {f"<{rule}.Arn>" for rule in rules}
