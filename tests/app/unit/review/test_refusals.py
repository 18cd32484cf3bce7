"""What CloudFormation refuses while other stacks are as they were: other values of exports, taken names."""

from dataclasses import replace
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


PARAMETER = "AWS::SSM::Parameter"
BESIDES: dict[str, Any] = {
    "Parameters": {"Mode": {"Type": "String"}},
    "Conditions": {"Calm": {"Fn::Equals": [{"Ref": "Mode"}, "calm"]}},
    "Mappings": {"By": {"calm": {"Size": "1"}}},
}


def naming(properties: Any, besides: Any = None, **more: Any) -> Estate:
    """A stack with two resources, one of which says so."""
    made = stack("Data", It=QUEUE, One={"Type": PARAMETER, "Properties": {"Value": properties}, **more})
    template = {**made.template, **BESIDES, **(besides or {})}
    return {"Data": replace(made, template=template)}


def test_names_of_what_is_not_there_are_refused() -> None:
    none: dict[str, tuple[Estate, str]] = {
        "ref": (naming({"Ref": "Nothing"}), "resource or parameter Nothing"),
        "attribute": (naming({"Fn::GetAtt": ["Nothing", "Arn"]}), "resource or parameter Nothing"),
        "text": (naming({"Fn::Sub": "a ${Nothing.Arn} ${It} ${!Word}"}), "resource or parameter Nothing"),
        "branch": (naming({"Fn::If": ["Nothing", "a", "b"]}), "condition Nothing"),
        "mapping": (naming({"Fn::FindInMap": ["Nothing", "a", "b"]}), "mapping Nothing"),
        "needed": (naming("a", DependsOn=["It", "Nothing"]), "resource Nothing"),
        "condition": (naming("a", Condition="Nothing"), "condition Nothing"),
        "conditions": (
            naming("a", {"Conditions": {"Calm": {"Fn::Not": [{"Condition": "Nothing"}]}}}),
            "condition Nothing",
        ),
    }
    some = {
        "names": naming({"Fn::Sub": ["${It.Arn} ${Own} ${AWS::Region} ${Mode}", {"Own": "a"}]}),
        "branch": naming({"Fn::If": ["Calm", {"Ref": "It"}, {"Ref": "AWS::NoValue"}]}, Condition="Calm"),
        "mapping": naming({"Fn::FindInMap": ["By", "calm", "Size"]}, DependsOn="It"),
        "macro": naming({"Ref": "Nothing"}, {"Transform": "Makes"}),
    }
    found = reports({f"none {case}": (naming("a"), one) for case, (one, _) in none.items()})
    quiet = reports({f"some {case}": (naming("a"), one) for case, one in some.items()})
    known = reports({"as before": (none["ref"][0], naming({"Ref": "Nothing"}, Metadata={"a": 1}))})

    for case, (_, text) in none.items():
        refused = said(found[f"none {case}"])["PLAN-001"]
        assert len(refused) == 1 and text in refused[0], case
    assert not [case for case, one in (quiet | known).items() if "PLAN-001" in said(one)]


def test_another_type_under_the_same_logical_id_is_refused() -> None:
    before = {"Data": stack("Data", It=QUEUE, Other=OTHER)}
    after = {"Data": stack("Data", It={"Type": "AWS::SNS::Topic"}, Other=OTHER)}

    [text] = said(reports({"one": (before, after)})["one"])["PLAN-001"]

    assert "AWS::SQS::Queue → AWS::SNS::Topic" in text and "It" in text


def machine(definition: Any, **more: Any) -> Estate:
    properties = {"StateMachineName": "recs-prod-posts", "DefinitionString": definition, **more}
    one = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    return {"Data": stack("Data", It=one, Other=OTHER)}


def test_half_a_definition_of_a_workflow_cannot_be_read() -> None:
    whole, half = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}', '{"StartAt": "A", "Sta'
    none = {"Data": stack("Data", Other=OTHER)}
    filled = whole.replace("true", "${end}")
    found = reports(
        {
            "half": (machine(whole), machine(half)),
            "new": (none, machine(half)),
            "filled": (machine(whole), machine(filled, DefinitionSubstitutions={"end": "true"})),
            "joined": (machine(whole), machine({"Fn::Select": [0, [whole]]})),
        }
    )

    assert {case for case, one in found.items() if "REST-009" in said(one)} == {"half", "new"}
