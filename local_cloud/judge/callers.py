"""Who asks, by access key: the cloud's own user, users of IAM, sessions of roles."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from local_cloud.ground.settings import PERSONALIZE_KEY, Settings
from local_cloud.judge import deployed
from rights.evaluation import Policies
from rights.principals import Principal, root, service
from rights.statements import statements_of

_SERVICES = {PERSONALIZE_KEY: "personalize.amazonaws.com"}
"""by the access key with which their server asks, which is also the name of its sessions of roles"""
# The roles that the CDK CLI assumes, of a bootstrapped region: it acts for the cloud's own user.
_OF_CDK = re.compile(r"cdk-\w+-((deploy|lookup|file-publishing|image-publishing|cfn-exec)-role|assets)-.*")


def is_of_cdk(name: str) -> bool:
    """Of a role, or a bucket, of the bootstrap stack."""
    return _OF_CDK.fullmatch(name) is not None


@dataclass(frozen=True, kw_only=True)
class Caller:
    """`holders`, moto's records, have the policies; None: everything is allowed, as for an account's root."""

    principal: Principal
    user_id: str
    secret: str
    holders: tuple[Any, ...] | None = None
    session: Any = None
    """moto's record of an assumed role"""
    works_for: str | None = None
    """the service that has assumed the role; resources must let it in as well"""

    @property
    def session_token(self) -> str | None:
        return self.session.session_token if self.session else None

    @property
    def expires(self) -> datetime | None:
        return self.session.expiration.replace(tzinfo=UTC) if self.session else None

    def policies(self) -> Policies:
        """As they are now, without the resource's.

        Raises: ValueError, if everything is allowed; BadPolicy, Undecidable, LookupError, if they are bad.
        """
        if self.holders is None:
            raise ValueError(f"{self.principal.arn} may do everything")
        own = self.holders[0]
        limit = self.session.policy if self.session else None
        return Policies(
            identity=tuple(each for holder in self.holders for each in deployed.identity_statements(holder)),
            boundary=deployed.boundary_statements(own, self.principal.account),
            session=statements_of(limit, f"{self.principal.arn}/policy") if limit else None,
        )


class Callers:
    def __init__(self, settings: Settings) -> None:
        environment = settings.environment()
        self._account = settings.account
        self._own = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
        self._iam = iam_backends[settings.account]["aws"]
        self._sts = sts_backends[settings.account]["aws"]
        self._sessions: dict[str, Any] = {}

    def find(self, key_id: str) -> Caller:
        """Whose key it is. Raises: KeyError, if it is nobody's; LookupError, if its role is gone."""
        if key_id == self._own[0]:
            return Caller(principal=root(self._account), user_id=self._account, secret=self._own[1])
        if key_id in _SERVICES:
            principal = service(_SERVICES[key_id], self._account)
            return Caller(principal=principal, user_id=key_id, secret=self._own[1], holders=())
        if (session := self._session(key_id)) is not None:
            return self._of_session(session)
        user, key = self._users_key(key_id)
        return Caller(
            principal=Principal(arn=user.arn, account=self._account),
            user_id=user.id,
            secret=key.secret_access_key,
            holders=(user, *self._iam.get_groups_for_user(user.name)),
        )

    def key_ids(self) -> list[str]:
        users = list(self._iam.users.values())
        return [self._own[0], *(key.access_key_id for user in users for key in user.access_keys)]

    def _session(self, key_id: str) -> Any:
        """moto looks through all of them each time."""
        if key_id not in self._sessions:
            found = self._sts.get_assumed_role_from_access_key(key_id)
            if found is None:
                return None
            self._sessions[key_id] = found
        return self._sessions[key_id]

    def _of_session(self, session: Any) -> Caller:
        holder = deployed.role(session.role_arn)
        return Caller(
            principal=Principal(arn=session.arn, account=self._account, role=session.role_arn),
            user_id=f"{holder.id}:{session.session_name}",
            secret=session.secret_access_key,
            holders=None if is_of_cdk(holder.name) else (holder,),
            session=session,
            works_for=_SERVICES.get(session.session_name),
        )

    def _users_key(self, key_id: str) -> tuple[Any, Any]:
        for user in list(self._iam.users.values()):
            for key in user.access_keys:
                if key.access_key_id == key_id and key.status == "Active":
                    return user, key
        raise KeyError(key_id)
