"""What a role may do more: in words, with a call that proves it, and without an alarm where nothing grew."""

from typing import Any

import pytest

from review.access.verdicts import NO_RESOURCES, Verdict, judged
from tests.support.authorisation_reference import actions_of, types_of

ACCOUNT = "1" * 12
TABLE = {"Fn::GetAtt": ["Table", "Arn"]}


def allow(action: Any, resource: Any, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def verdict(before: list[Any], after: list[Any]) -> Verdict:
    documents = [[{"Version": "2012-10-17", "Statement": one}] for one in (before, after)]
    return judged(documents[0], documents[1], ACCOUNT, "eu-west-1").verdict


ONE_KEY = {"Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["a#*"]}}}
TWO_KEYS = {"Condition": {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["a#*", "b#*"]}}}
SOURCE = {"Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}}}
LATER = {"Condition": {"DateGreaterThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}}}
QUERY = allow("dynamodb:Query", TABLE)
READ = allow(["dynamodb:GetItem", "dynamodb:Query"], TABLE)
BOTH = [allow("dynamodb:GetItem", TABLE), allow("dynamodb:Query", TABLE)]
OBJECTS = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/data/*"]]}
ALL_OBJECTS = {"Fn::Join": ["", [{"Fn::GetAtt": ["Bucket", "Arn"]}, "/*"]]}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([READ], BOTH, Verdict.EQUAL),
        ([QUERY, READ], [READ], Verdict.EQUAL),
        ([allow("s3:getobject", ALL_OBJECTS)], [allow("s3:GetObject", ALL_OBJECTS)], Verdict.EQUAL),
        ([READ], [QUERY], Verdict.NARROWER),
        ([QUERY], [READ], Verdict.WIDER),
        ([allow("s3:GetObject", ALL_OBJECTS)], [allow("s3:GetObject", OBJECTS)], Verdict.NARROWER),
        ([allow("s3:GetObject", OBJECTS)], [allow("s3:GetObject", ALL_OBJECTS)], Verdict.WIDER),
        ([allow("dynamodb:*", TABLE)], [READ], Verdict.NARROWER),
        ([{**QUERY, **ONE_KEY}], [{**QUERY, **TWO_KEYS}], Verdict.WIDER),
        ([{**QUERY, **TWO_KEYS}], [{**QUERY, **ONE_KEY}], Verdict.NARROWER),
        ([{**QUERY, **SOURCE}], [QUERY], Verdict.WIDER),
        ([QUERY], [{**QUERY, **SOURCE}], Verdict.NARROWER),
        ([QUERY], [{**QUERY, **LATER}], Verdict.NARROWER),
        ([{**QUERY, **LATER}], [{**QUERY, **LATER}], Verdict.EQUAL),
        ([QUERY], [{**READ, **LATER}], Verdict.UNCLEAR),
        ([QUERY, {**QUERY, "Effect": "Deny", **SOURCE}], [QUERY], Verdict.WIDER),
        ([QUERY], [QUERY, {**READ, "Effect": "Deny"}], Verdict.NARROWER),
        ([], [], Verdict.EQUAL),
    ],
)
def test_verdicts(before: list[Any], after: list[Any], expected: Verdict) -> None:
    assert verdict(before, after) is expected


def test_what_grew_is_said_with_a_call_that_proves_it() -> None:
    documents = [[{"Version": "2012-10-17", "Statement": [one]}] for one in (QUERY, READ)]

    found = judged(documents[0], documents[1], ACCOUNT)

    assert found.more == ("dynamodb:GetItem on <Table.Arn>",)
    assert found.proof is not None and found.proof.action == "dynamodb:GetItem"


@pytest.mark.parametrize(
    ("after", "action", "resource"),
    [
        (allow("dynamodb:Query", "*"), "dynamodb:Query", "*"),
        (allow("dynamodb:*", TABLE), "dynamodb:*", "<Table.Arn>"),
        (allow("*", "*"), "*", "*"),
    ],
)
def test_a_call_that_proves_it_shows_where_there_are_wildcards(
    after: dict[str, Any], action: str, resource: str
) -> None:
    documents = [[{"Version": "2012-10-17", "Statement": [one]}] for one in (QUERY, after)]

    proof = judged(documents[0], documents[1], ACCOUNT).proof

    assert proof is not None and (proof.action, proof.resource) == (action, resource)


def test_everything_is_said_to_be_everything_but_not_where_there_is_nothing_to_name() -> None:
    def everything(statement: Any) -> bool:
        return judged([], [{"Version": "2012-10-17", "Statement": [statement]}], ACCOUNT).everything

    assert everything(allow("dynamodb:*", TABLE)) and everything(allow("dynamodb:Query", "*"))
    assert not everything(QUERY) and not everything(allow("xray:PutTraceSegments", "*"))
    for action in NO_RESOURCES:
        service, name = action.split(":")
        known = {one.lower(): one for one in actions_of(service)}
        assert types_of(f"{service}:{known[name]}") == {}, action
