"""Access keys of this cloud: its own, those of IAM users, and those of assumed roles."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from local_cloud.ground.settings import Settings
from personalize_server.server.signatures import AccessKey


@dataclass(frozen=True, kw_only=True)
class Principal:
    """`policies` are documents that say what it may do; None: everything, as the account's root."""

    arn: str
    user_id: str
    policies: tuple[Any, ...] | None = None
    session_token: str | None = None
    expires: datetime | None = None


class KeyRing(Mapping[str, AccessKey]):
    """By access key id; looked up when asked for, since keys come and go."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        environment = settings.environment()
        self._own = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"]
        self._iam = iam_backends[settings.account]["aws"]
        self._sts = sts_backends[settings.account]["aws"]

    def __getitem__(self, key_id: str) -> AccessKey:
        account = self._settings.account
        if key_id == self._own[0]:
            return AccessKey(self._own[1], account)
        if (role := self._sts.get_assumed_role_from_access_key(key_id)) is not None:
            return AccessKey(role.secret_access_key, account)
        _, key = self._users_key(key_id)
        return AccessKey(key.secret_access_key, account)

    def principal(self, key_id: str) -> Principal:
        """Whose key it is. Raises: KeyError."""
        if key_id == self._own[0]:
            account = self._settings.account
            return Principal(arn=f"arn:aws:iam::{account}:root", user_id=account)
        if (session := self._sts.get_assumed_role_from_access_key(key_id)) is not None:
            role = self._iam.get_role_by_arn(session.role_arn)
            return Principal(
                arn=session.arn,
                user_id=session.user_id,
                policies=(*_documents(role), *([session.policy] if session.policy else [])),
                session_token=session.session_token,
                expires=session.expiration.replace(tzinfo=UTC),
            )
        user, _ = self._users_key(key_id)
        groups = self._iam.get_groups_for_user(user.name)
        policies = [document for holder in (user, *groups) for document in _documents(holder)]
        return Principal(arn=user.arn, user_id=user.id, policies=tuple(policies))

    def _users_key(self, key_id: str) -> tuple[Any, Any]:
        for user in list(self._iam.users.values()):
            for key in user.access_keys:
                if key.access_key_id == key_id and key.status == "Active":
                    return user, key
        raise KeyError(key_id)

    def __iter__(self) -> Iterator[str]:
        yield self._own[0]
        for user in self._iam.users.values():
            yield from (key.access_key_id for key in user.access_keys)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _documents(holder: Any) -> Iterator[Any]:
    """Inline and attached policies of a user, group or role, as text or parsed."""
    yield from holder.policies.values()
    for policy in holder.managed_policies.values():
        yield next(each.document for each in policy.versions if each.is_default)
