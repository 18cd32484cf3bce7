"""Which deployments a change needs: the order, what cannot be done at once, and why an order is refused."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.planning.command import main
from review.planning.deploy_plan import changed, deploy_plan, lines_of, refusals
from review.reading.assemblies import Stack, assembly_of

HOME, AWAY, FAR = "eu-west-1", "eu-central-1", "eu-west-2"
TABLE = "recs-shop-serving"


def stack(
    name: str,
    *,
    region: str = HOME,
    replicas: dict[str, bool] | None = None,
    exports: tuple[str, ...] = (),
    imports: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    uses: str = "",
    record: str = "",
    leads_to: tuple[str, ...] = (),
    version: int = 1,
    protected: bool = False,
    retained: bool = False,
) -> Stack:
    """replicas: of a table, with their deletion protection. uses: a table's name. record: in a zone.
    leads_to: other records there, by aliases.
    """
    resources: dict[str, Any] = {
        "Topic": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": str(version)}}
    }
    if replicas is not None:
        resources["Table"] = {
            "Type": "AWS::DynamoDB::GlobalTable",
            "Properties": {
                "TableName": TABLE,
                "Replicas": [
                    {"Region": one, "DeletionProtectionEnabled": kept} for one, kept in replicas.items()
                ],
            },
            **({"DeletionPolicy": "Retain"} if retained else {}),
        }
    for number, imported in enumerate(imports):
        value = {"Fn::ImportValue": imported}
        resources[f"Import{number}"] = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": value}}
    if uses:
        resources["Use"] = {"Type": "AWS::SSM::Parameter", "Properties": {"Value": uses}}
    for number, led in enumerate((record, *leads_to)):
        target = led if number else {"Fn::GetAtt": ["Domain", "RegionalDomainName"]}
        if led:
            resources[f"Record{number}"] = {
                "Type": "AWS::Route53::RecordSet",
                "Properties": {
                    "Name": "api.example.com." if number else led,
                    "AliasTarget": {"DNSName": target},
                },
            }
    outputs = {f"Out{name}": {"Value": "x", "Export": {"Name": name}} for name in exports}
    template = {"Resources": resources, "Outputs": outputs}
    return Stack(name, f"Shop/{name}", "1", region, template, frozenset(needs), protected)


def estate(*stacks: Stack) -> dict[str, Stack]:
    return {one.name: one for one in stacks}


def planned(before: dict[str, Stack], after: dict[str, Stack]) -> list[str]:
    plan = deploy_plan(before, after)
    assert not plan.stuck
    return [f"{one.stack}: {one.what}" for one in plan.deployments]


def test_what_is_new_comes_after_what_it_needs_and_what_goes_comes_last() -> None:
    before = estate(stack("Data", exports=("a",)), stack("Old", imports=("a",), needs=("Data",)))
    after = estate(
        stack("Api", imports=("b",), needs=("Data",)), stack("Data", exports=("a", "b"), version=2)
    )

    assert planned(before, after) == ["Data: deploy", "Api: deploy", "Old: delete"]
    assert planned(after, after) == []


def test_a_record_comes_after_those_that_it_leads_to_and_goes_before_them() -> None:
    names = {region: f"{region}.api.example.com." for region in (HOME, AWAY)}
    apis = [stack(f"Api-{region}", region=region, record=name) for region, name in names.items()]
    routing = stack("A-Routing", region="us-east-1", leads_to=tuple(names.values()))
    less = stack("A-Routing", region="us-east-1", leads_to=(names[HOME],))

    assert planned({}, estate(routing, *apis)) == [
        f"Api-{HOME}: deploy",
        f"Api-{AWAY}: deploy",
        "A-Routing: deploy",
    ]
    [reason] = refusals({}, estate(less, apis[0]), ["A-Routing", f"Api-{HOME}"])
    assert reason == (
        f"A-Routing: its record leads to {names[HOME]}, which is not there yet: deploy Api-{HOME} first"
    )
    before, after = estate(routing, *apis), estate(less, apis[0])
    assert planned(before, after) == ["A-Routing: deploy", f"Api-{AWAY}: delete"]
    reasons = refusals(before, after, [f"Api-{AWAY}", "A-Routing"])
    assert reasons == [
        f"Api-{AWAY}: a record of A-Routing still leads to {names[AWAY]}: deploy A-Routing first"
    ]


def test_an_export_goes_after_whoever_imports_it() -> None:
    before = estate(stack("Data", exports=("a",)), stack("Api", imports=("a",), needs=("Data",)))
    after = estate(stack("Data"), stack("Api", needs=("Data",), version=2))

    assert planned(before, after) == ["Api: deploy", "Data: deploy"]
    [reason] = refusals(before, after, ["Data", "Api"])
    assert reason == "Data: Api still imports a: deploy Api first"


def test_an_export_that_is_replaced_is_kept_for_a_deployment() -> None:
    before = estate(stack("Data", exports=("a",)), stack("Api", imports=("a",), needs=("Data",)))
    after = estate(stack("Data", exports=("b",)), stack("Api", imports=("b",), needs=("Data",)))

    assert planned(before, after) == ["Data: deploy, still exporting a", "Api: deploy", "Data: deploy"]


def test_what_stays_forbidden_however_it_is_taken_apart_ends_the_plan() -> None:
    """Two stacks that import what the other one is to lose."""
    before = estate(stack("A", exports=("a",), imports=("b",)), stack("B", exports=("b",), imports=("a",)))
    after = estate(stack("A", imports=("c",)), stack("B"))

    plan = deploy_plan(before, after)

    assert plan.stuck == {
        "A": ["it imports c, which nobody exports: and no stack makes it"],
        "B": ["A still imports b: deploy A first"],
    }
    assert [one.what for one in plan.deployments] == ["deploy, still exporting b"]


def test_replicas_are_added_one_by_one_and_what_lies_there_comes_after_its_own() -> None:
    before = estate(stack("Data", replicas={HOME: False}))
    after = estate(
        stack("Data", replicas={HOME: False, AWAY: False, FAR: False}),
        stack("Away", region=AWAY, uses=TABLE),
        stack("Far", region=FAR, uses=TABLE),
    )

    assert planned(before, after) == [
        f"Data: deploy, with only the replica in {AWAY} added to {TABLE}",
        "Data: deploy",
        "Away: deploy",
        "Far: deploy",
    ]
    assert refusals(before, after, ["Far", "Data"]) == [
        f"Far: {TABLE} is not in {FAR} yet: deploy Data first",
        f"Data: the replicas of {TABLE} change by +{AWAY}, +{FAR}: one is added or removed per update",
        "Away is changed, and not in the order",
    ]


def test_a_replica_goes_once_nobody_uses_it_and_its_protection_is_off() -> None:
    before = estate(stack("Data", replicas={HOME: True, AWAY: True}), stack("Away", region=AWAY, uses=TABLE))
    after = estate(stack("Data", replicas={HOME: True}))

    assert planned(before, after) == [
        "Away: delete",
        "Data: deploy, with the replicas kept that go, and their deletion protection off",
        "Data: deploy",
    ]


def test_a_table_that_another_stack_is_to_own_is_let_go_and_then_imported() -> None:
    both = {HOME: True, AWAY: True}
    before = estate(stack("Home", replicas=both, retained=True), stack("Away", region=AWAY, uses=TABLE))
    after = estate(stack("Home", uses=TABLE), stack("Away", region=AWAY, replicas=both, retained=True))

    assert planned(before, after) == ["Home: deploy", f"Away: import {TABLE}, and then deploy"]
    assert refusals(before, after, ["Away", "Home"]) == [
        f"Away: Home owns {TABLE}: deploy Home without it first"
    ]
    deleting = before | estate(stack("Home", replicas=both))
    assert deploy_plan(deleting, after).stuck["Home"] == [
        f"{TABLE} would be deleted, and another stack is to own it: retain it first"
    ]


def test_a_protected_stack_is_deleted_after_its_protection() -> None:
    before = estate(stack("Data", replicas={HOME: True}, protected=True))

    assert planned(before, {}) == ["Data: turn its protection off", "Data: delete"]


def test_what_cannot_be_deployed_at_all_says_why() -> None:
    plan = deploy_plan({}, estate(stack("Api", imports=("a",))))

    assert plan.deployments == ()
    assert lines_of(plan) == ["  !  Api: it imports a, which nobody exports: and no stack makes it"]


EXPORTS = st.frozensets(st.sampled_from("abc"))
REPLICAS = st.dictionaries(st.sampled_from([AWAY, FAR, "eu-north-1"]), st.booleans())


@st.composite
def estates(draw: st.DrawFn) -> dict[str, Stack]:
    exports = draw(EXPORTS)
    imports = draw(st.frozensets(st.sampled_from(sorted(exports)))) if exports else frozenset()
    replicas = {HOME: draw(st.booleans()), **draw(REPLICAS)}
    return estate(
        stack("Data", replicas=replicas, exports=(*sorted(exports),), version=draw(st.integers(1, 2))),
        stack("Api", imports=(*sorted(imports),), needs=("Data",)),
        *(stack(region, region=region, uses=TABLE) for region in replicas if region != HOME),
    )


@given(estates(), estates())
def test_every_change_of_such_an_estate_has_a_plan_whose_end_is_the_change(
    before: dict[str, Stack], after: dict[str, Stack]
) -> None:
    plan = deploy_plan(before, after)

    assert not plan.stuck
    whole = [one.stack for one in plan.deployments if one.what in ("deploy", "delete")]
    assert sorted(whole) == sorted(changed(before, after))
    if len(whole) == len(plan.deployments):
        assert refusals(before, after, whole) == []


@pytest.fixture
def folders(tmp_path: Path) -> tuple[str, str]:
    names = []
    for name, one in (("before", stack("Data", replicas={HOME: False})), ("after", stack("Data"))):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "data.json").write_text(json.dumps(one.template))
        artifact = {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://1/{HOME}",
            "displayName": "Shop/Data",
            "properties": {"stackName": "Data", "templateFile": "data.json"},
        }
        (folder / "manifest.json").write_text(json.dumps({"artifacts": {"x": artifact}}))
        names.append(str(folder))
    return names[0], names[1]


def test_the_command_says_the_plan_and_refuses_an_order(
    folders: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deploy-plan", *folders]) == 0
    assert main(["deploy-plan", *folders, "--order", "Api", "--json"]) == 1
    plan, _, refused = capsys.readouterr().out.partition("{")
    assert plan.strip() == "1  Shop/Data: deploy"
    assert json.loads("{" + refused)["refused"] == [
        "Api is no stack of either assembly",
        "Data is changed, and not in the order",
    ]
    assert main(["deploy-plan", "nowhere", folders[1]]) == 1
    assert "nowhere has no manifest.json" in capsys.readouterr().err


def test_an_assembly_without_a_synth_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"has no manifest\.json"):
        assembly_of(tmp_path)
