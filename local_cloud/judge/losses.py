"""What would be noticed if a statement were lost: the recording, judged again without it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from local_cloud.judge import reasons
from local_cloud.judge.recording import Judged
from rights.evaluation import Policies, Statements, evaluate
from rights.statements import Effect, Statement, statements_of


@dataclass(frozen=True, kw_only=True)
class Loss:
    """`owner`: the ARN of the role or resource that has the statement."""

    owner: str
    statement: Statement
    used: bool
    """whether it concerned a call that was allowed"""
    noticed_by: Judged | None
    """a call that would have been refused"""
    reason: str | None
    """why nothing notices it, where somebody has said so"""

    @property
    def explained(self) -> bool:
        return self.noticed_by is not None or self.reason is not None


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """Statements by the ARN of who has them: roles' own, and those of resources, among them roles' trust."""

    roles: Mapping[str, Statements]
    resources: Mapping[str, Statements]

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Deployed":
        return cls(
            roles={arn: _parsed(listed) for arn, listed in document["roles"].items()},
            resources={arn: _parsed(listed) for arn, listed in document["resources"].items()},
        )

    def policies(self, judged: Judged, without: str | None = None) -> Policies:
        call = judged.call
        own = self.roles.get(call.principal.role or "", ())
        resource = call.resource.split("/")[0] if call.resource.startswith("arn:aws:s3:") else call.resource
        of_resource = self.resources.get(resource)
        must_allow = call.resource.startswith(("arn:aws:kms:", "arn:aws:iam:"))
        if call.action == "iam:PassRole":
            of_resource, must_allow = None, False
        return Policies(
            identity=_kept(own, without),
            resource=None if of_resource is None else _kept(of_resource, without),
            resource_must_allow=must_allow,
        )


def losses(deployed: Deployed, recording: Iterable[Judged]) -> list[Loss]:
    """Of every statement, by owner. Calls that are not allowed any more say nothing about any."""
    calls: dict[str, list[Judged]] = {}
    for judged in recording:
        if judged.allowed and evaluate(judged.call, deployed.policies(judged)).allowed:
            for name in judged.statements:
                calls.setdefault(name, []).append(judged)
    owned = (*deployed.roles.items(), *deployed.resources.items())
    return [
        _loss(deployed, owner, statement, calls.get(statement.id, []), statements)
        for owner, statements in sorted(owned, key=lambda each: each[0])
        for statement in statements
    ]


def _loss(deployed: Deployed, owner: str, statement: Statement, calls: list[Judged], own: Statements) -> Loss:
    noticed = next(
        (each for each in calls if not evaluate(each.call, deployed.policies(each, statement.id)).allowed),
        None,
    )
    trust = deployed.resources.get(owner, ()) if owner in deployed.roles else ()
    acting = [each for trusted in trust if trusted.principals for each in trusted.principals.services]
    beside = [other for other in own if other is not statement]
    reason = None if noticed else reasons.why(statement, acting, beside)
    if statement.effect is Effect.DENY:
        reason = reasons.why_denied(statement)
    return Loss(owner=owner, statement=statement, used=bool(calls), noticed_by=noticed, reason=reason)


def _kept(statements: Statements, without: str | None) -> Statements:
    return tuple(each for each in statements if each.id != without)


def _parsed(listed: list[dict[str, Any]]) -> Statements:
    found = []
    for document in listed:
        policy, _, name = document["Id"].rpartition("#")
        plain = {member: value for member, value in document.items() if member != "Id"}
        [statement] = statements_of({"Version": "2012-10-17", "Statement": [{**plain, "Sid": name}]}, policy)
        found.append(statement)
    return tuple(found)
