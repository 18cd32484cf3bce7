"""What the review says of two policies is true of every call, by the evaluator of rights."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.access.patterns import disjoint, includes
from review.access.subset import within
from review.access.verdicts import Verdict, of_statements
from rights.errors import Undecidable
from rights.evaluation import Call, Policies, evaluate
from rights.patterns import matches
from rights.principals import Principal
from rights.statements import Statement
from tests.rights.support import ACCOUNT, PERSONALIZE, ROLE, SESSION, policy, statement

_actions = st.sampled_from(
    ["s3:GetObject", "s3:getobject", "s3:Get*", "s3:*", "*", "sqs:?end*", "s3:?etObject"]
)
_asked = st.sampled_from(["s3:GetObject", "s3:PutObject", "sqs:SendMessage", "S3:GetObjectAcl"])
_resources = st.text("ab*?", min_size=1, max_size=4)
_texts = st.text("ab*?", min_size=1, max_size=3)
_operators = st.sampled_from(
    [
        *("StringLike", "StringNotLike", "StringEquals", "StringNotEquals", "StringEqualsIfExists"),
        *("ForAllValues:StringLike", "ForAnyValue:StringEquals", "Null", "ArnLike", "StringEqualsIgnoreCase"),
        *("StringLikeIfExists", "ForAllValues:StringEquals", "Bool"),
    ]
)
_named = st.sampled_from(
    ["*", {"AWS": ROLE}, {"AWS": ACCOUNT}, {"AWS": [ROLE, "*"]}, {"Service": "x.amazonaws.com"}]
)
_MEMBERS = {"Action": _actions, "Resource": _resources, "values": _texts}
STRANGER = Principal(arn="arn:aws:iam::999999999999:user/one", account="999999999999")


@st.composite
def documents(draw: Any, *, of_resource: bool) -> dict[str, Any]:
    some = {name: st.lists(texts, min_size=1, max_size=2) for name, texts in _MEMBERS.items()}
    members = {
        draw(st.sampled_from([name, name, f"Not{name}"])): draw(some[name]) for name in ("Action", "Resource")
    }
    if draw(st.booleans()):
        operator = draw(_operators)
        values = ["true"] if operator in ("Null", "Bool") else draw(some["values"])
        members["Condition"] = {operator: {"aws:Key": values}}
    if of_resource:
        members["Principal"] = draw(_named)
    return statement(draw(st.sampled_from(["Allow", "Allow", "Deny"])), **members)


@st.composite
def pairs(draw: Any) -> tuple[bool, tuple[Statement, ...], tuple[Statement, ...]]:
    """Before and after share statements, as those of a change do."""
    of_resource = draw(st.booleans())
    lists = st.lists(documents(of_resource=of_resource), max_size=2)
    common = draw(lists)
    return of_resource, policy(*common, *draw(lists)), policy(*draw(lists), *common)


_values = st.none() | st.text("ab", max_size=3) | st.lists(st.text("ab", max_size=2), max_size=2).map(tuple)
_requests = st.builds(
    lambda action, resource, value, principal: Call(
        action=action, resource=resource, context={"aws:Key": value}, principal=principal
    ),
    _asked,
    st.text("ab", min_size=1, max_size=4),
    _values,
    st.sampled_from([SESSION, PERSONALIZE, STRANGER]),
)


def allowed(call: Call, statements: tuple[Statement, ...], of_resource: bool) -> bool:
    given = Policies(resource=statements) if of_resource else Policies(identity=statements)
    return evaluate(call, given).allowed


@settings(max_examples=100)
@given(pairs(), st.lists(_requests, min_size=20, max_size=20))
def test_no_call_is_allowed_by_a_policy_that_lies_within_another_and_not_by_that(
    pair: tuple[bool, tuple[Statement, ...], tuple[Statement, ...]], calls: list[Call]
) -> None:
    of_resource, before, after = pair
    for narrow, wide in ((before, after), (after, before), (before, before)):
        if within(narrow, wide):
            for call in calls:
                try:
                    assert not allowed(call, narrow, of_resource) or allowed(call, wide, of_resource)
                except Undecidable:
                    pass
    assert within(before, before)


@settings(max_examples=100)
@given(pairs())
def test_wider_is_proved_by_a_call(
    pair: tuple[bool, tuple[Statement, ...], tuple[Statement, ...]],
) -> None:
    of_resource, before, after = pair

    found = of_statements(before, after, ACCOUNT)

    assert (found.proof is not None) == (found.verdict is Verdict.WIDER)
    if found.proof is not None:
        assert allowed(found.proof, after, of_resource) and not allowed(found.proof, before, of_resource)


def _words(letters: str, longest: int) -> list[str]:
    return [
        "".join(word) for length in range(longest + 1) for word in itertools.product(letters, repeat=length)
    ]


def test_a_pattern_includes_another_only_if_it_matches_all_that_it_does() -> None:
    """All patterns of three characters, by all texts of four."""
    texts = _words("ab", 4)
    meant = {pattern: {text for text in texts if matches(pattern, text, {})} for pattern in _words("ab*?", 3)}

    for wide, narrow in itertools.product(meant, repeat=2):
        assert not includes(wide, narrow) or meant[narrow] <= meant[wide], (wide, narrow)
        assert disjoint(wide, narrow) == (not meant[narrow] & meant[wide]), (wide, narrow)
    for wide, text in itertools.product(meant, texts):
        assert includes(wide, text) == (text in meant[wide]), (wide, text)


def test_what_is_only_known_at_deployment_equals_itself_only() -> None:
    assert includes("<Table.Arn>/*", "<Table.Arn>/index/a") and includes("*", "<Table.Arn>")
    assert not includes("<Table.Arn>", "<Other.Arn>") and not includes("???????????", "<Table.Arn>")
    assert not disjoint("<Table.Arn>", "arn:aws:dynamodb:*") and not disjoint("<A>", "<B>")


@pytest.mark.parametrize(
    "named", [{"AWS": f"{ROLE}-2"}, {"Service": "y.amazonaws.com"}, "*", {"AWS": ACCOUNT}]
)
def test_another_principal_is_more(named: Any) -> None:
    before = [statement(Principal={"AWS": ROLE}), statement(Principal={"Service": "x.amazonaws.com"})]

    assert not within(policy(*before, statement(Principal=named)), policy(*before))
    assert within(policy(*before), policy(*before, statement(Principal=named)))
