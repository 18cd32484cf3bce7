"""The account's suppression list of SES v2: addresses that nothing is sent to."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local_cloud.mail import operations
from local_cloud.mail.errors import BadRequest, NotFound

REASONS = ("BOUNCE", "COMPLAINT")


def install() -> None:
    for name, operation in {
        "put_suppressed_destination": _put,
        "get_suppressed_destination": _get,
        "delete_suppressed_destination": _delete,
        "list_suppressed_destinations": _list,
    }.items():
        operations.add(name, operation)


def reason(backend: Any, address: str) -> str | None:
    """Why nothing is sent to the address; None if something is."""
    entry = _entries(backend).get(address.lower())
    return entry["Reason"] if entry else None


def _entries(backend: Any) -> dict[str, dict[str, Any]]:
    if not hasattr(backend, "suppressed_destinations"):
        backend.suppressed_destinations = {}
    entries: dict[str, dict[str, Any]] = backend.suppressed_destinations
    return entries


def _put(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    if call["Reason"] not in REASONS:
        raise BadRequest(f"Reason must be one of {', '.join(REASONS)}, not {call['Reason']}.")
    address = call["EmailAddress"]
    entry = {
        "EmailAddress": address,
        "Reason": call["Reason"],
        "LastUpdateTime": datetime.now(UTC).timestamp(),
    }
    _entries(backend)[address.lower()] = entry
    return {}


def _get(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    entry = _entries(backend).get(call["EmailAddress"].lower())
    if entry is None:
        raise NotFound(f"Email address {call['EmailAddress']} does not exist on your suppression list.")
    return {"SuppressedDestination": entry}


def _delete(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    _get(backend, call)
    del _entries(backend)[call["EmailAddress"].lower()]
    return {}


def _list(backend: Any, _call: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"SuppressedDestinationSummaries": list(_entries(backend).values())}
