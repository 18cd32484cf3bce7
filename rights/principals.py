"""Who asks, and whom a statement means.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from rights.errors import BadPolicy, Undecidable


@dataclass(frozen=True, kw_only=True)
class Principal:
    """`arn`: of a user, of a role's session, or of the account's root; of a service its name."""

    arn: str
    account: str
    role: str | None = None
    """the ARN of the role that a session is of"""
    service: bool = False


def root(account: str) -> Principal:
    return Principal(arn=f"arn:aws:iam::{account}:root", account=account)


def service(name: str, account: str) -> Principal:
    """A service that acts for an account by itself; such as sns.amazonaws.com."""
    return Principal(arn=name, account=account, service=True)


class Meant(IntEnum):
    """How a statement means a principal: who is meant as one of an account needs that account's leave too."""

    NOT = 0
    AS_OF_ACCOUNT = 1
    ITSELF = 2


@dataclass(frozen=True, kw_only=True)
class Principals:
    """Of a statement; `everyone` is "*"."""

    everyone: bool = False
    aws: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def meaning(self, principal: Principal) -> Meant:
        # The documentation: "*" and {"AWS": "*"} are equivalent.
        if self.everyone or "*" in self.aws:
            return Meant.ITSELF
        if principal.service:
            return Meant.ITSELF if {principal.arn, "*"} & {*self.services} else Meant.NOT
        if {principal.arn, principal.role} & {*self.aws}:
            return Meant.ITSELF
        of_account = {principal.account, f"arn:aws:iam::{principal.account}:root"}
        if not of_account & {*self.aws}:
            return Meant.NOT
        return Meant.ITSELF if principal.arn in of_account else Meant.AS_OF_ACCOUNT


def parsed(document: Mapping[str, Any], where: str) -> Principals | None:
    """None for a statement of an identity's policy, which names none.

    Raises: Undecidable, for NotPrincipal; BadPolicy, if it is neither "*" nor a map of kinds.
    """
    if "NotPrincipal" in document:
        raise Undecidable(f"{where} has NotPrincipal, which is not evaluated")
    if "Principal" not in document:
        return None
    named = document["Principal"]
    if named == "*":
        return Principals(everyone=True)
    if not isinstance(named, Mapping) or not named:
        raise BadPolicy(f"{where}: Principal is neither * nor a map, but {named!r}")
    unknown = named.keys() - {"AWS", "Service"}
    if unknown:
        raise Undecidable(f"{where} has principals that are not evaluated: {', '.join(sorted(unknown))}")
    return Principals(aws=_texts(named.get("AWS", ())), services=_texts(named.get("Service", ())))


def _texts(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
