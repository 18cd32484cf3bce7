"""Whether a call is allowed: every policy that has a say, in the order that AWS documents.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html, for principals of
the resource's own account. Organisations' policies are not evaluated.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum

from rights.patterns import Context
from rights.principals import Meant, Principal
from rights.statements import Effect, Statement

Statements = tuple[Statement, ...]


@dataclass(frozen=True, kw_only=True)
class Call:
    principal: Principal
    action: str
    resource: str
    context: Context = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Policies:
    """Those that have a say in a call; None: there is no such policy."""

    identity: Statements = ()
    resource: Statements | None = None
    session: Statements | None = None
    boundary: Statements | None = None
    resource_must_allow: bool = False
    """of roles and keys: their own policy decides, or leaves the decision to the account"""


class Kind(Enum):
    """In the words of AWS's answers."""

    IDENTITY = "identity-based policy"
    RESOURCE = "resource-based policy"
    SESSION = "session policy"
    BOUNDARY = "permissions boundary"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`statements`: those that deny, or all that allow, any one of which may do. `kind`: whose word it is."""

    allowed: bool
    kind: Kind
    explicit: bool
    statements: Statements = ()


def evaluate(call: Call, policies: Policies) -> Decision:
    """A denial wins over everything; what nobody allows is denied.

    Raises: Undecidable, if a statement that concerns the call has a condition that is not known.
    """
    by_kind = {
        Kind.IDENTITY: _concerned(call, policies.identity),
        Kind.RESOURCE: _concerned(call, _meaning(call, policies.resource or (), Meant.AS_OF_ACCOUNT)),
        Kind.SESSION: _concerned(call, policies.session or ()),
        Kind.BOUNDARY: _concerned(call, policies.boundary or ()),
    }
    for kind, statements in by_kind.items():
        denying = tuple(each for each in statements if each.effect is Effect.DENY)
        if denying:
            return Decision(allowed=False, kind=kind, explicit=True, statements=denying)
    granted, to_account = by_kind[Kind.IDENTITY], by_kind[Kind.RESOURCE]
    directly = _meaning(call, to_account, Meant.ITSELF)
    if policies.resource_must_allow and not to_account:
        return Decision(allowed=False, kind=Kind.RESOURCE, explicit=False)
    if call.principal.service:
        return Decision(allowed=bool(directly), kind=Kind.RESOURCE, explicit=False, statements=directly)
    for kind, limit in ((Kind.BOUNDARY, policies.boundary), (Kind.SESSION, policies.session)):
        if limit is not None and not by_kind[kind]:
            return Decision(allowed=False, kind=kind, explicit=False)
    if directly or granted:
        # Where the resource only leaves it to the account, its own statement is needed too.
        needed = () if directly or not policies.resource_must_allow else to_account
        return Decision(
            allowed=True,
            kind=Kind.RESOURCE if directly and not granted else Kind.IDENTITY,
            explicit=False,
            statements=(*granted, *directly, *needed),
        )
    return Decision(allowed=False, kind=Kind.IDENTITY, explicit=False)


def _meaning(call: Call, statements: Iterable[Statement], least: Meant) -> Statements:
    return tuple(
        each for each in statements if each.principals and each.principals.meaning(call.principal) >= least
    )


def _concerned(call: Call, statements: Statements) -> Statements:
    return tuple(each for each in statements if each.concerns(call.action, call.resource, call.context))
