"""Links by which people unsubscribe: signed, so that nobody can unsubscribe anybody else."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass, field

from pipeline.notifications.table import EMAIL_CONSENT, UNSUBSCRIBED, NotificationTable, key, user_pk
from pipeline.times import iso

_VERSION = b"unsubscribe-1:"
_MAC_BYTES = 32


class InvalidToken(ValueError):
    """The link was not made here, or was cut."""


@dataclass(frozen=True)
class UnsubscribeLinks:
    """Tokens do not expire: a link has to work as long as the e-mail exists. They name the user only."""

    secret: str = field(repr=False)

    def token(self, user: str) -> str:
        name = user.encode()
        return _text(self._mac(name) + name)

    def verified_user(self, token: str) -> str:
        """Raises: InvalidToken."""
        try:
            raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
            mac, name = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
            if name and _text(raw) == token and hmac.compare_digest(mac, self._mac(name)):
                return name.decode()
        except (binascii.Error, ValueError) as error:
            raise InvalidToken from error
        raise InvalidToken

    def url(self, api_address: str, user: str) -> str:
        return f"{api_address.rstrip('/')}/v1/unsubscribe?token={self.token(user)}"

    def _mac(self, name: bytes) -> bytes:
        return hmac.digest(self.secret.encode(), _VERSION + name, hashlib.sha256)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unsubscribe(table: NotificationTable, user: str, *, now: float) -> None:
    """Respected from the next message on; repeating it changes nothing but the time."""
    table.client.put_item(
        TableName=table.name,
        Item={
            **key(user_pk(user), EMAIL_CONSENT),
            "state": {"S": UNSUBSCRIBED},
            "at": {"S": iso(now)},
        },
    )
