"""Which policies decide: the order that AWS documents, for principals of the resource's account."""

import re
from typing import Any

import pytest

from rights import words
from rights.errors import BadPolicy, Undecidable, UnknownCondition
from rights.evaluation import Kind
from rights.patterns import Value
from rights.principals import root
from rights.statements import statements_of
from tests.rights.support import ACCOUNT, PERSONALIZE, ROLE, SESSION, call, decided, policy, statement

ALLOW, DENY = policy(statement()), policy(statement("Deny"))
NOTHING = policy(statement(Action="s3:PutObject"))
BOUND = {"identity": ALLOW, "boundary": NOTHING}
OWN = "arn:aws:s3:::b/${aws:PrincipalAccount}/*"


def to(principal: Any, effect: str = "Allow", **members: Any) -> Any:
    return policy(statement(effect, Principal=principal, **members), name="the bucket's")


@pytest.mark.parametrize(
    ("policies", "allowed", "kind", "explicit"),
    [
        ({}, False, Kind.IDENTITY, False),
        ({"identity": ALLOW}, True, Kind.IDENTITY, False),
        ({"identity": ALLOW + DENY}, False, Kind.IDENTITY, True),
        ({"resource": to({"AWS": ROLE})}, True, Kind.RESOURCE, False),
        ({"resource": to({"AWS": SESSION.arn})}, True, Kind.RESOURCE, False),
        ({"resource": to("*")}, True, Kind.RESOURCE, False),
        ({"resource": to({"AWS": "*"})}, True, Kind.RESOURCE, False),
        ({"resource": to({"AWS": f"{ROLE}-2"})}, False, Kind.IDENTITY, False),
        ({"resource": to({"Service": "s3.amazonaws.com"})}, False, Kind.IDENTITY, False),
        # An account's own principal leaves it to the account, and does not give it to everyone in there.
        ({"resource": to({"AWS": ACCOUNT})}, False, Kind.IDENTITY, False),
        ({"resource": to({"AWS": root(ACCOUNT).arn}), "identity": ALLOW}, True, Kind.IDENTITY, False),
        ({"resource": to({"AWS": ROLE}, "Deny"), "identity": ALLOW}, False, Kind.RESOURCE, True),
        ({"resource": to({"AWS": ACCOUNT}, "Deny"), "identity": ALLOW}, False, Kind.RESOURCE, True),
        ({"resource": to({"AWS": f"{ROLE}-2"}, "Deny"), "identity": ALLOW}, True, Kind.IDENTITY, False),
        ({"identity": ALLOW, "boundary": NOTHING}, False, Kind.BOUNDARY, False),
        ({"identity": ALLOW, "boundary": DENY}, False, Kind.BOUNDARY, True),
        ({"boundary": ALLOW}, False, Kind.IDENTITY, False),
        ({"identity": ALLOW, "session": NOTHING}, False, Kind.SESSION, False),
        ({"identity": ALLOW, "session": ALLOW, "boundary": ALLOW}, True, Kind.IDENTITY, False),
    ],
)
def test_policies_decide_in_the_documented_order(
    policies: dict[str, Any], allowed: bool, kind: Kind, explicit: bool
) -> None:
    decision = decided(call(), **policies)

    assert (decision.allowed, decision.kind, decision.explicit) == (allowed, kind, explicit)


def test_a_key_s_or_role_s_own_policy_must_allow_or_leave_it_to_the_account() -> None:
    asked = call("kms:Decrypt", f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1")

    def allowed(resource: Any, identity: Any) -> bool:
        return decided(asked, resource=resource, identity=identity, resource_must_allow=True).allowed

    assert not allowed((), ALLOW)
    assert not allowed(to({"AWS": ROLE + "-2"}), ALLOW)
    assert allowed(to({"AWS": ROLE}), ())
    assert allowed(to({"AWS": root(ACCOUNT).arn}), ALLOW)
    assert not allowed(to({"AWS": root(ACCOUNT).arn}), NOTHING)


def test_a_service_has_what_the_resource_s_policy_gives_it_and_nothing_else() -> None:
    asked = call(principal=PERSONALIZE)

    assert decided(asked, resource=to({"Service": PERSONALIZE.arn})).allowed
    assert decided(asked, resource=to("*")).allowed
    assert decided(asked, resource=to({"AWS": "*"})).allowed
    assert not decided(asked, resource=to({"Service": "s3.amazonaws.com"})).allowed
    assert not decided(asked, resource=to({"AWS": ROLE})).allowed
    assert not decided(asked).allowed


def test_trust_holds_under_its_conditions() -> None:
    trust = to(
        {"Service": PERSONALIZE.arn},
        Action="sts:AssumeRole",
        Condition={
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:personalize:eu-west-1:{ACCOUNT}:*"},
        },
    )

    def trusted(account: str | None, source: str | None) -> bool:
        context = {"aws:SourceAccount": account, "aws:SourceArn": source}
        asked = call("sts:AssumeRole", ROLE, principal=PERSONALIZE, context=context)
        return decided(asked, resource=trust, resource_must_allow=True).allowed

    job = f"arn:aws:personalize:eu-west-1:{ACCOUNT}:dataset-import-job/a"
    assert trusted(ACCOUNT, job)
    assert not trusted("999999999999", job)
    assert not trusted(ACCOUNT, f"arn:aws:personalize:eu-central-1:{ACCOUNT}:dataset-import-job/a")
    assert not trusted(ACCOUNT, None)


@pytest.mark.parametrize(
    ("members", "action", "resource", "concerned"),
    [
        ({"Action": "s3:Get*"}, "s3:GetObject", "arn:aws:s3:::b/k", True),
        ({"Action": "S3:getobject"}, "s3:GetObject", "arn:aws:s3:::b/k", True),
        ({"Action": "s3:GetObjec?"}, "s3:GetObject", "arn:aws:s3:::b/k", True),
        ({"Action": "s3:GetObject"}, "s3:GetObjectVersion", "arn:aws:s3:::b/k", False),
        ({"NotAction": "s3:Put*"}, "s3:GetObject", "arn:aws:s3:::b/k", True),
        ({"NotAction": ["s3:Put*", "s3:Get*"]}, "s3:GetObject", "arn:aws:s3:::b/k", False),
        ({"Resource": "arn:aws:s3:::b/*"}, "s3:GetObject", "arn:aws:s3:::b/a/b/c", True),
        ({"Resource": "arn:aws:s3:::b/*"}, "s3:ListBucket", "arn:aws:s3:::b", False),
        ({"Resource": "arn:aws:s3:::B/k"}, "s3:GetObject", "arn:aws:s3:::b/k", False),
        ({"Resource": "arn:aws:s3:::b/[k]"}, "s3:GetObject", "arn:aws:s3:::b/k", False),
        ({"NotResource": "arn:aws:s3:::b/*"}, "s3:GetObject", "arn:aws:s3:::c/k", True),
        ({"NotResource": "arn:aws:s3:::b/*"}, "s3:GetObject", "arn:aws:s3:::b/k", False),
        ({"Resource": OWN}, "s3:GetObject", f"arn:aws:s3:::b/{ACCOUNT}/k", True),
        ({"Resource": OWN}, "s3:GetObject", "arn:aws:s3:::b/1/k", False),
        ({"Resource": "arn:aws:s3:::b/${*}"}, "s3:GetObject", "arn:aws:s3:::b/*", True),
        ({"Resource": "arn:aws:s3:::b/${*}"}, "s3:GetObject", "arn:aws:s3:::b/k", False),
    ],
)  # fmt: skip
def test_statements_concern_what_their_patterns_mean(
    members: dict[str, Any], action: str, resource: str, concerned: bool
) -> None:
    asked = call(action, resource, context={"aws:PrincipalAccount": ACCOUNT})

    assert decided(asked, identity=policy(statement(**members))).allowed is concerned


def test_what_allowed_a_call_is_told_by_policy_and_sid_or_place() -> None:
    statements = policy(statement(Sid="Reads"), NOTHING_STATEMENT, statement(), name="app/DefaultPolicy")

    decision = decided(call(), identity=statements)

    assert [each.id for each in decision.statements] == ["app/DefaultPolicy#Reads", "app/DefaultPolicy#2"]


NOTHING_STATEMENT = statement(Action="s3:PutObject")


@pytest.mark.parametrize(
    "condition",
    [
        {"StringEquals": {"aws:Unheard": "x"}},
        {"StringSounds": {"aws:PrincipalAccount": "x"}},
        {"StringLike": {"dynamodb:LeadingKeys": "x"}},
        {"StringEquals": {"aws:PrincipalAccount": "${aws:Unheard}"}},
    ],
)
def test_a_condition_that_is_not_known_is_named(condition: dict[str, dict[str, str]]) -> None:
    context: dict[str, Value] = {"aws:PrincipalAccount": ACCOUNT, "dynamodb:LeadingKeys": ("a", "b")}
    [[key]], [operator] = condition.values(), condition
    name = "aws:Unheard" if "aws:Unheard" in str(condition) else operator if "Sounds" in operator else key

    with pytest.raises(UnknownCondition, match=name):
        decided(call(context=context), identity=policy(statement(Condition=condition)))


def test_a_condition_that_is_not_known_does_not_matter_where_its_statement_does_not() -> None:
    elsewhere = statement(Action="s3:PutObject", Condition={"StringEquals": {"aws:Unheard": "x"}})

    assert decided(call(), identity=policy(elsewhere, statement())).allowed


def test_principals_that_cannot_be_told_apart_are_named() -> None:
    with pytest.raises(Undecidable, match="NotPrincipal"):
        to_nobody = {"Effect": "Allow", "NotPrincipal": {"AWS": ROLE}, "Action": "*", "Resource": "*"}
        policy(to_nobody)
    with pytest.raises(Undecidable, match="Federated"):
        to({"Federated": "accounts.google.com"})


@pytest.mark.parametrize(
    ("document", "what"),
    [
        ("{", "own is not JSON"),
        ({"Version": "2012-10-17"}, "own has no Statement"),
        ({"Statement": [{"Effect": "Perhaps", "Action": "*"}]}, "own#0 has no Effect"),
        ({"Statement": [{"Effect": "Allow"}]}, "own#0 needs one of Action and NotAction"),
        ({"Statement": {"Sid": "A", "Effect": "Allow", "Action": "*", "When": {}}}, "own#A has When"),
        ({"Statement": [{"Effect": "Allow", "Action": []}]}, "own#0 has [] where texts are needed"),
    ],
)  # fmt: skip
def test_what_is_no_policy_is_told_with_its_place(document: Any, what: str) -> None:
    with pytest.raises(BadPolicy, match=re.escape(what)):
        statements_of(document, "own")


@pytest.mark.parametrize(
    ("policies", "because"),
    [
        ({}, " because no identity-based policy allows the s3:GetObject action"),
        (BOUND, " because no permissions boundary allows the s3:GetObject action"),
        ({"identity": DENY}, " with an explicit deny in an identity-based policy"),
        ({"resource": to("*", "Deny")}, " with an explicit deny in a resource-based policy"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_aws_says(policies: dict[str, Any], because: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"""
    asked = call()

    told = words.refusal(asked, decided(asked, **policies))

    who = "User: arn:aws:sts::123456789012:assumed-role/app/one is not authorized to perform: "
    assert told == f"{who}s3:GetObject on resource: arn:aws:s3:::data/a/b.csv{because}"
