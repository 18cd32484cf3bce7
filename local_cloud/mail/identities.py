"""E-mail identities of SES v2."""

from typing import Any

from moto.sesv2.models import SESV2Backend

from local_cloud.ground.patching import replace
from local_cloud.mail.errors import AlreadyExists


def install() -> None:
    stock_create = SESV2Backend.create_email_identity

    def create(self: Any, email_identity: str, *others: Any, **more: Any) -> Any:
        """Stock moto makes it anew."""
        if email_identity in self.core_backend.email_identities:
            raise AlreadyExists(f"Email identity {email_identity} already exist.")
        return stock_create(self, email_identity, *others, **more)

    replace(SESV2Backend, "create_email_identity", create)
