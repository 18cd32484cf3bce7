"""Who calls, as API Gateway's authorizer has found out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.http.problems import Forbidden, Unauthorized


@dataclass(frozen=True)
class Caller:
    """A user (JWT), a trusted backend that may name any user (IAM), or nobody in particular."""

    user_id: str | None
    is_backend: bool

    @classmethod
    def from_context(cls, context: Mapping[str, Any], user_claim: str) -> Caller:
        """context: the event's requestContext. user_claim: of the token, with the user's id."""
        authorizer = context.get("authorizer") or {}
        if "iam" in authorizer:
            return cls(None, is_backend=True)
        claims = (authorizer.get("jwt") or {}).get("claims") or {}
        value = claims.get(user_claim)
        return cls(str(value) if value else None, is_backend=False)

    def check_user(self, user_id: str) -> None:
        """Raises: Unauthorized, without credentials; Forbidden, for anybody else's id."""
        if self.is_backend:
            return
        if self.user_id is None:
            raise Unauthorized("Credentials that name a user are needed.")
        if self.user_id != user_id:
            raise Forbidden("The user id must be the caller's own.")

    def user_or(self, named: str | None) -> str:
        """The caller, or for a backend the user that it names.

        Raises: Forbidden, if a backend names none; Unauthorized, if the credentials name no user; else as
        check_user.
        """
        if named is not None:
            self.check_user(named)
            return named
        if self.user_id is None:
            if self.is_backend:
                raise Forbidden("Credentials of a backend stand for no user: name one by userId.")
            raise Unauthorized("Credentials that name a user are needed.")
        return self.user_id
