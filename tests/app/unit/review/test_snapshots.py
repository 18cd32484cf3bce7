"""Snapshots lose nothing, and show a change where it is."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.snapshots.files import Stack, differences, files_of, templates_in
from review.snapshots.folding import DIFFERS, ORDER, folded, unfolded
from review.snapshots.names import put_in, taken_out, without_asset_hashes
from review.snapshots.texts import hidden, shown
from review.snapshots.writing import written

KEYS = st.sampled_from(["a", "b", "c", "0", "a/b", "~"])
LEAVES = st.none() | st.booleans() | st.integers(0, 3) | st.text("ab\n<>{}[]\"'1,.: ", max_size=8)
JSON = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    return json.dumps(one) == json.dumps(other)


@given(st.lists(JSON, min_size=1, max_size=4))
def test_each_value_comes_back_from_what_is_common_and_its_own(values: list[Any]) -> None:
    common, own = folded(values)

    assert all(same(unfolded(common, mine), value) for mine, value in zip(own, values, strict=True))


@given(JSON)
def test_any_value_comes_back_from_its_inner_form(value: Any) -> None:
    assert same(hidden(shown(value)), value)
    assert same(hidden(shown(json.dumps(value))), json.dumps(value))


@given(JSON)
def test_written_is_json_of_the_same_value(value: Any) -> None:
    assert same(json.loads(written(value)), value)


def test_what_is_each_ones_own_has_a_path() -> None:
    keep = {"Table": {"Days": 30, "Keep": True}, "Zone": ["a", "b"]}
    drop = {"Emptier": {}, "Table": {"Days": 30, "Keep": False}, "Zone": ["a", "b", "c"]}

    assert folded([keep, drop]) == (
        {"Table": {"Days": 30, "Keep": DIFFERS}, "Zone": ["a", "b"]},
        [
            {("Table", "Keep"): True},
            {("Table", "Keep"): False, ("Emptier",): {}, ("Zone", "2"): "c"},
        ],
    )


def test_a_state_that_only_one_has_says_where_it_stands() -> None:
    common, own = folded([{"Start": 1, "End": 2}, {"Start": 1, "More": 3, "End": 2}])

    assert common == {"Start": 1, "End": 2}
    assert own == [{}, {("More",): 3, (ORDER,): ["Start", "More", "End"]}]


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("one\ntwo", {"as lines": ["one", "two"]}),
        ('{"a":[1]}', {"as JSON": {"a": [1]}}),
        ('{"a": [1]}', {"as spaced JSON": {"a": [1]}}),
        ('{"a":  [1]}', '{"a":  [1]}'),
        ("{% $x %}", "{% $x %}"),
        ({"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}]]}, {"joined": "arn:<AWS::Partition>"}),
        (
            {"Fn::Join": ["", ['{"a":"', {"Fn::GetAtt": ["F", "Arn"]}, '","b":"x\\ny"}']]},
            {"joined": {"as JSON": {"a": "<F.Arn>", "b": {"as lines": ["x", "y"]}}}},
        ),
        (
            {"Fn::Join": ["", ["a", {"Fn::ImportValue": "Prod-eu-west-1-Data:Key"}]]},
            {"joined": "a<Prod-eu-west-1-Data:Key>"},
        ),
        ({"Fn::Join": ["", ["<p>", {"Ref": "X"}]]}, {"Fn::Join": ["", ["<p>", {"Ref": "X"}]]}),
        ({"Fn::Join": ["-", ["a", {"Ref": "X"}]]}, {"Fn::Join": ["-", ["a", {"Ref": "X"}]]}),
    ],
)
def test_inner_forms(value: Any, form: Any) -> None:
    assert shown(value) == form


def test_names_are_taken_out_as_whole_words_and_put_in_again() -> None:
    names = {"Stage": "Dev", "stage": "dev", "region": "eu-west-1"}
    value = {"Dev-eu-west-1-Data": ["recs-dev-serving", "device", "eu-west-1a"]}

    taken = taken_out(value, names)

    assert taken == {"{Stage}-{region}-Data": ["recs-{stage}-serving", "device", "eu-west-1a"]}
    assert put_in(taken, names) == value


def test_what_looks_like_a_placeholder_is_refused() -> None:
    with pytest.raises(ValueError, match="taken for a placeholder"):
        taken_out("users/{stage}", {"stage": "dev"})


def test_hashes_of_assets_are_no_change() -> None:
    assert without_asset_hashes({"S3Key": f"{'0a' * 32}.zip"}) == {"S3Key": "ASSET.zip"}


def stacks(*stages: str) -> list[Stack]:
    return [Stack(f"{stage}-Data", "Data", stage, {"stage": stage.lower()}) for stage in stages]


def template(query: str, days: int) -> dict[str, Any]:
    definition = json.dumps({"States": {"Extract": {"query": query}}}, separators=(",", ":"))
    return {
        "Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket", "Properties": {"Days": days, "Lock": True}},
            "RunBF486E4D": {
                "Type": "AWS::StepFunctions::StateMachine",
                "Properties": {"DefinitionString": definition, "Name": "run"},
            },
        }
    }


def snapshots(dev: dict[str, Any], prod: dict[str, Any]) -> dict[str, str]:
    return files_of(stacks("Dev", "Prod"), {"Dev-Data": dev, "Prod-Data": prod})


def test_a_changed_value_is_a_changed_line() -> None:
    before, after = template("SELECT 1\nFROM a", 7), template("SELECT 1\nFROM b", 30)

    difference = differences(snapshots(after, after), snapshots(before, before)).splitlines()

    assert [line for line in difference if line.startswith(("+ ", "- "))] == [
        '-      "Properties": {"Days": 7, "Lock": true},',
        '+      "Properties": {"Days": 30, "Lock": true},',
        '-            "FROM a"',
        '+            "FROM b"',
    ]


def test_a_value_of_one_stage_only_is_told_with_its_path() -> None:
    before, after = template("SELECT 1", 7), template("SELECT 1", 30)

    files = snapshots(before, after)

    assert '"/Resources/Bucket/Properties/Days": 7' in files["Data/Dev.json"]
    assert '"/Resources/Bucket/Properties/Days": 30' in files["Data/Prod.json"]
    assert '"Properties": {"Days": "<differs>", "Lock": true}' in files["Data/common.json"]


def test_a_template_that_only_one_stage_has_comes_back() -> None:
    templates = {"Dev-Data": {"Resources": {}}, "Prod-Data": template("SELECT", 1)}

    assert templates_in(files_of(stacks("Dev", "Prod"), templates)) == templates


def test_missing_and_stale_files_are_told() -> None:
    assert "(no such file)" in differences({"Data/common.json": "{}\n"}, {})
    assert "(stale: no such file any more)" in differences({}, {"Data/common.json": "{}\n"})
    assert differences({"a": "b"}, {"a": "b"}) == ""
