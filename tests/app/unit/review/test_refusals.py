"""What CloudFormation refuses while other stacks are as they were: other values of exports, taken names."""

from typing import Any

from review.reading.assemblies import Stack
from tests.support.reviewing import Estate, reports, said

IMPORTING = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": {"Fn::ImportValue": "It"}}}
OTHER = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "a"}}
QUEUE = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "q"}}
REF = {"Ref": "It"}


def stack(kind: str, needs: frozenset[str] = frozenset(), outputs: Any = None, **resources: Any) -> Stack:
    return Stack(
        name=kind,
        id=f"Shop-eu-west-1/{kind}",
        account="1" * 12,
        region="eu-west-1",
        template={"Resources": resources, "Outputs": outputs or {}},
        needs=needs,
    )


def exporting(value: Any, name: str, **more: Any) -> Estate:
    function = {"Type": "AWS::Lambda::Function", "Properties": {"Code": {}, "FunctionName": name}}
    outputs = {"Out": {"Value": value, "Export": {"Name": "It"}}}
    stacks = [stack("Data", outputs=outputs, It=function), stack("Use", One=IMPORTING, **more)]
    return {one.name: one for one in stacks}


def test_an_export_whose_value_changes_while_it_is_imported_is_refused() -> None:
    found = reports(
        {
            "another value": (exporting(REF, "a"), exporting("b", "a")),
            "replaced": (exporting(REF, "a"), exporting(REF, "b")),
            "as it was": (exporting(REF, "a"), exporting(REF, "a", Other=OTHER)),
        }
    )

    refused = {name for name, report in found.items() if "PLAN-002" in said(report)}
    assert refused == {"another value", "replaced"}


def moved(later: str, holder: str) -> Estate:
    """later: the stack that is deployed after the other one. holder: the one that has the queue."""
    names = frozenset({"First", "Second"})
    stacks = [
        stack(
            one,
            needs=names - {one} if one == later else frozenset(),
            Other=OTHER,
            **({"Queue": QUEUE} if one == holder else {}),
        )
        for one in names
    ]
    return {one.name: one for one in stacks}


def test_a_name_is_taken_until_the_stack_that_has_it_is_deployed() -> None:
    found = reports({later: (moved(later, "Second"), moved(later, "First")) for later in ("First", "Second")})

    assert {later for later, report in found.items() if "PLAN-003" in said(report)} == {"Second"}
