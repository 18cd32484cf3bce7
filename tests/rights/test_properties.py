"""What holds of every set of policies."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.rights.support import ACCOUNT, ROLE, call, decided, policy, statement

_texts = st.text("ab*?:/", min_size=1, max_size=4)
_actions = st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:Get*", "s3:*", "*", "sqs:?end*"])
_asked = st.sampled_from(["s3:GetObject", "s3:PutObject", "sqs:SendMessage"])
_resources = st.sampled_from(["a", "ab", "a/b", "b"])
_principals = st.sampled_from(["*", {"AWS": ROLE}, {"AWS": ACCOUNT}, {"AWS": f"{ROLE}-2"}, {"Service": "x"}])


@st.composite
def statements(draw: Any, effects: tuple[str, ...] = ("Allow", "Deny")) -> dict[str, Any]:
    members = {draw(st.sampled_from(["Action", "NotAction"])): draw(_actions)}
    members[draw(st.sampled_from(["Resource", "NotResource"]))] = draw(_texts)
    if draw(st.booleans()):
        operator = draw(st.sampled_from(["StringLike", "StringNotLike", "ForAllValues:StringLike", "Null"]))
        members["Condition"] = {operator: {"aws:Key": "true" if operator == "Null" else draw(_texts)}}
    return statement(draw(st.sampled_from(effects)), **members)


@st.composite
def policies(draw: Any) -> dict[str, Any]:
    own = draw(st.lists(statements(), max_size=3))
    others = [{**each, "Principal": draw(_principals)} for each in draw(st.lists(statements(), max_size=3))]
    found: dict[str, Any] = {"identity": policy(*own), "resource": policy(*others, name="resource")}
    for kind in ("boundary", "session"):
        if draw(st.integers(0, 3)) == 0:
            found[kind] = policy(*draw(st.lists(statements(), max_size=2)), name=kind)
    return found


@st.composite
def calls(draw: Any) -> Any:
    return call(draw(_asked), draw(_resources), context={"aws:Key": draw(st.none() | _texts)})


KINDS = ("identity", "resource", "boundary", "session")


@given(policies(), calls(), statements(effects=("Allow",)), _principals)
def test_another_allowing_statement_never_takes_a_right_away(
    given_policies: dict[str, Any], asked: Any, more: dict[str, Any], principal: Any
) -> None:
    before = decided(asked, **given_policies).allowed
    for kind in KINDS[:2]:
        added = {**more, "Principal": principal} if kind == "resource" else more
        wider = {**given_policies, kind: given_policies[kind] + policy(added, name="more")}
        assert decided(asked, **wider).allowed >= before


@given(policies(), calls(), statements(effects=("Deny",)), _principals)
def test_another_denying_statement_never_gives_a_right(
    given_policies: dict[str, Any], asked: Any, more: dict[str, Any], principal: Any
) -> None:
    before = decided(asked, **given_policies).allowed
    for kind in KINDS:
        if kind in given_policies:
            added = {**more, "Principal": principal} if kind == "resource" else more
            narrower = {**given_policies, kind: given_policies[kind] + policy(added, name="more")}
            assert decided(asked, **narrower).allowed <= before


@given(policies(), calls())
def test_what_is_told_to_have_decided_has_decided(given_policies: dict[str, Any], asked: Any) -> None:
    """Without all statements that allowed a call it is not allowed; so it is with those that denied one."""
    decision = decided(asked, **given_policies)
    told = {each.id for each in decision.statements}
    without = {
        kind: tuple(each for each in statements if each.id not in told)
        for kind, statements in given_policies.items()
    }

    again = decided(asked, **without)

    assert not (decision.allowed and again.allowed)
    assert not (decision.explicit and again.explicit and again.kind is decision.kind)


@given(policies(), calls(), st.randoms(use_true_random=False))
def test_the_order_of_statements_does_not_matter(
    given_policies: dict[str, Any], asked: Any, random: Any
) -> None:
    shuffled = {
        kind: tuple(random.sample(statements, len(statements))) for kind, statements in given_policies.items()
    }

    assert decided(asked, **shuffled).allowed is decided(asked, **given_policies).allowed


@given(calls())
def test_nothing_is_allowed_that_nobody_allows(asked: Any) -> None:
    assert not decided(asked).allowed
