"""Policies and calls of tests, in few words."""

from typing import Any

from rights.evaluation import Call, Decision, Policies, Statements, evaluate
from rights.patterns import Context
from rights.principals import Principal, service
from rights.statements import statements_of

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = Principal(arn=f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one", account=ACCOUNT, role=ROLE)
PERSONALIZE = service("personalize.amazonaws.com", ACCOUNT)
OBJECT = "arn:aws:s3:::data/a/b.csv"


def statement(effect: str = "Allow", **members: Any) -> dict[str, Any]:
    negated = {"NotAction": "Action", "NotResource": "Resource"}
    given = {"Action": "*", "Resource": "*", **members}
    for name, other in negated.items():
        if name in members:
            given.pop(other)
    return {"Effect": effect, **given}


def policy(*statements: dict[str, Any], name: str = "own") -> Statements:
    return statements_of({"Version": "2012-10-17", "Statement": list(statements)}, name)


def call(
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    *,
    principal: Principal = SESSION,
    context: Context | None = None,
) -> Call:
    return Call(principal=principal, action=action, resource=resource, context=context or {})


def decided(asked: Call, **policies: Any) -> Decision:
    return evaluate(asked, Policies(**policies))
