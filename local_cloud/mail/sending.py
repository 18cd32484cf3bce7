"""SendEmail and SendBulkEmail of SES v2: checked, rendered, and put into the outbox."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parseaddr
from typing import Any

from moto.ses.utils import get_random_message_id, is_valid_address

from local_cloud import outbox
from local_cloud.ground.settings import Settings
from local_cloud.ground.times import iso_text
from local_cloud.mail import configuration_sets, operations, suppression, templates
from local_cloud.mail.errors import BadRequest, MessageRejected, NotRendered, SendingPaused
from local_cloud.mail.telling import tell_rendering_failure

MOST_RECIPIENTS = 50
MOST_ENTRIES = 50


def install(settings: Settings) -> None:
    """moto's sends no templates, takes any configuration set, knows no suppression and drops headers."""

    def send_email(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"MessageId": _send(settings, backend, call)}

    def send_bulk_email(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
        entries = call["BulkEmailEntries"]
        if len(entries) > MOST_ENTRIES:
            raise BadRequest(f"At most {MOST_ENTRIES} entries may be sent at once, not {len(entries)}.")
        return {"BulkEmailEntryResults": [_entry(settings, backend, call, entry) for entry in entries]}

    operations.add("send_email", send_email, instead=True)
    operations.add("send_bulk_email", send_bulk_email)


def _entry(
    settings: Settings, backend: Any, call: Mapping[str, Any], entry: Mapping[str, Any]
) -> dict[str, str]:
    template = dict(call["DefaultContent"]["Template"])
    replaced = entry.get("ReplacementEmailContent", {}).get("ReplacementTemplate", {})
    template["TemplateData"] = replaced.get("ReplacementTemplateData") or template.get("TemplateData", "{}")
    template["Headers"] = [*template.get("Headers", []), *entry.get("ReplacementHeaders", [])]
    single = {**call, "Destination": entry["Destination"], "Content": {"Template": template}}
    try:
        return {"Status": "SUCCESS", "MessageId": _send(settings, backend, single)}
    except MessageRejected as problem:
        return {"Status": "MESSAGE_REJECTED", "Error": str(problem.message)}
    except BadRequest as problem:
        return {"Status": "INVALID_PARAMETER", "Error": str(problem.message)}


def _send(settings: Settings, backend: Any, call: Mapping[str, Any]) -> str:
    """The message id; what is suppressed or cannot be rendered is accepted and goes nowhere, as in SES."""
    sender = call.get("FromEmailAddress") or ""
    if not backend._is_verified_address(sender):
        raise MessageRejected(
            "Email address is not verified. The following identities failed the check in region "
            f"{backend.region_name.upper()}: {sender}"
        )
    addresses = list(_addresses(call.get("Destination") or {}))
    if not 0 < len(addresses) <= MOST_RECIPIENTS:
        raise BadRequest(f"A message has 1 to {MOST_RECIPIENTS} recipients, not {len(addresses)}.")
    for address in addresses:
        if problem := is_valid_address(address):
            raise BadRequest(problem)
    name = call.get("ConfigurationSetName") or _default_set(backend, sender)
    reasons = suppression.REASONS
    if name:
        configuration_set = configuration_sets.find(backend, name)
        if not configuration_sets.sending_enabled(configuration_set):
            raise SendingPaused(f"Sending is disabled for configuration set {name}.")
        reasons = (configuration_set.suppression_options or {}).get("SuppressedReasons", reasons)
    message_id: str = get_random_message_id()
    try:
        content = _content(backend, call["Content"])
    except NotRendered as problem:
        tell_rendering_failure(backend, call, name, message_id, str(problem.message))
        return message_id
    for address in addresses:
        if suppression.reason(backend, parseaddr(address)[1]) not in reasons:
            outbox.put(settings.state_dir, _email(address, sender, name, content, message_id))
    backend.sent_message_count += len(addresses)
    return message_id


def _addresses(destination: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for kind in ("ToAddresses", "CcAddresses", "BccAddresses"):
        yield from destination.get(kind) or []


def _default_set(backend: Any, sender: str) -> str:
    address = parseaddr(sender)[1]
    for identity in (address, address.partition("@")[2]):
        found = backend.email_identities.get(identity)
        if found and found.configuration_set_name:
            return str(found.configuration_set_name)
    return ""


def _content(backend: Any, content: Mapping[str, Any]) -> dict[str, Any]:
    """subject, text, html, headers and template, as far as the content has them."""
    if "Template" in content:
        given = content["Template"]
        parts = given.get("TemplateContent") or templates.content(backend, given["TemplateName"])
        rendered = templates.rendered(parts, given.get("TemplateData") or "{}")
        return {
            **{part.lower(): text for part, text in rendered.items()},
            "headers": _headers(given),
            "template": given.get("TemplateName", ""),
        }
    if "Simple" in content:
        simple = content["Simple"]
        body = {part.lower(): simple["Body"][part]["Data"] for part in simple["Body"]}
        return {"subject": simple["Subject"]["Data"], **body, "headers": _headers(simple)}
    return _raw(base64.b64decode(content["Raw"]["Data"]))


def _raw(data: bytes) -> dict[str, Any]:
    message = message_from_bytes(data, policy=policy.default)
    assert isinstance(message, EmailMessage)
    bodies = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
    texts = {kind: part.get_content() for kind, part in bodies.items() if part is not None}
    return {
        "subject": str(message["subject"] or ""),
        "text": texts.get("plain", ""),
        "html": texts.get("html", ""),
        "headers": {name: str(value) for name, value in message.items()},
    }


def _headers(content: Mapping[str, Any]) -> dict[str, str]:
    return {header["Name"]: header["Value"] for header in content.get("Headers") or []}


def _email(
    to: str, sender: str, configuration_set: str, content: Mapping[str, Any], message_id: str
) -> outbox.Email:
    return outbox.Email(
        sent_at=iso_text(datetime.now(tz=UTC)),
        to=to,
        sender=sender,
        configuration_set=configuration_set,
        message_id=message_id,
        **content,
    )
