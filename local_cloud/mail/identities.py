"""E-mail identities of SES v2."""

from collections.abc import Mapping
from typing import Any

from moto.ses.models import EmailIdentity
from moto.sesv2.models import SESV2Backend

from local_cloud.ground.patching import replace
from local_cloud.mail import operations
from local_cloud.mail.errors import AlreadyExists, NotFound


def install() -> None:
    """Stock moto makes an identity anew, and calls it verified in one member and not in another."""
    stock_create = SESV2Backend.create_email_identity

    def create(self: Any, email_identity: str, tags: Any = None, *others: Any, **more: Any) -> Any:
        if email_identity in self.core_backend.email_identities:
            raise AlreadyExists(f"Email identity {email_identity} already exist.")
        made = stock_create(self, email_identity, tags, *others, **more)
        if tags:
            # moto has them by another ARN than an identity's.
            arn = operations.arn(self.core_backend, "identity", email_identity)
            self.core_backend.tagger.tag_resource(arn, tags)
        return made

    def delete(self: Any, email_identity: str) -> None:
        stock_delete(self, email_identity)
        arn = operations.arn(self.core_backend, "identity", email_identity)
        self.core_backend.tagger.delete_all_tags_for_resource(arn)

    def initialise(self: Any, *arguments: Any, **named: Any) -> None:
        """E-mails leave from every identity here. Feedback is forwarded until somebody says otherwise."""
        stock_initialise(self, *arguments, **named)
        self.verified_for_sending_status = True
        self.feedback_forwarding_status = True

    replace(SESV2Backend, "create_email_identity", create)
    stock_delete = replace(SESV2Backend, "delete_email_identity", delete)
    stock_initialise = replace(EmailIdentity, "__init__", initialise)
    operations.add("put_email_identity_feedback_attributes", _put_feedback)


def _put_feedback(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    if call["EmailIdentity"] not in backend.email_identities:
        raise NotFound(f"Email identity {call['EmailIdentity']} does not exist.")
    identity = backend.email_identities[call["EmailIdentity"]]
    identity.feedback_forwarding_status = bool(call.get("EmailForwardingEnabled", False))
    return {}
