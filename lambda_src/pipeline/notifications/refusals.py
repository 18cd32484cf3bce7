"""What a refusal of SES or SNS means: for one message, for all of them for now, or until somebody acts."""

from __future__ import annotations

from botocore.exceptions import ClientError

from pipeline.errors import ProviderUnavailable, SendingNotAllowed

_FOR_NOW = frozenset({"LimitExceededException"})
_ACT = {
    "AccessDeniedException": "the function's role, or a policy of the organisation, does not allow it",
    "AccountSuspendedException": "SES has suspended the account: see its console in this region",
    "AuthorizationError": "the function's role, or a policy of the organisation, does not allow it",
    "MailFromDomainNotVerifiedException": "the records of the custom MAIL FROM domain are missing: set them, "
    "or take the domain off the identity",
    "NotFoundException": "a template, the configuration set or the identity is missing: "
    "deploy the notifications stack",
    "PlatformApplicationDisabled": "the push application's credentials have expired or were revoked: "
    "renew them, then enable the application",
    "SendingPausedException": "sending is paused for the account or the configuration set: "
    "see SES's console in this region",
}
"""What people have to do, by the provider's code; no repetition helps before."""

_REJECTED, _UNVERIFIED = "MessageRejected", "not verified"
_SENDER = (
    "the sender's identity is not verified in this region: set its DKIM records, which are outputs of the "
    "notifications stack, and wait until SES shows it as verified"
)
_SANDBOX = (
    "the account is in SES's sandbox, where recipients must be verified as well: "
    "ask for production access in SES's console"
)


def raise_if_nobody_gets_any(error: ClientError, code: str, *, sender: str) -> None:
    """sender: the address that an e-mail comes from.

    The message leaves out what SES says of addresses: it ends up in an execution's history.
    Raises: SendingNotAllowed, if somebody has to act first; ProviderUnavailable, if it may pass.
    """
    text = str(error.response["Error"].get("Message", ""))
    what = f"{error.operation_name}: {code}"
    if code == _REJECTED and _UNVERIFIED in text.lower():
        told = _SENDER if sender and sender.lower() in text.lower() else _SANDBOX
        raise SendingNotAllowed(f"{what}: {told}") from error
    if code in _ACT:
        raise SendingNotAllowed(f"{what}: {_ACT[code]}") from error
    if code in _FOR_NOW:
        raise ProviderUnavailable(f"{what}: {error}") from error
