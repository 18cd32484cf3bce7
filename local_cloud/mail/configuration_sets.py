"""Configuration sets of SES v2: their options, their event destinations, and who uses them."""

from collections.abc import Mapping
from typing import Any

from local_cloud.mail import operations
from local_cloud.mail.errors import AlreadyExists, NotFound

# What an operation sets: moto's attribute of the set.
_OPTIONS = {
    "delivery": "delivery_options",
    "reputation": "reputation_options",
    "sending": "enabled",
    "suppression": "suppression_options",
    "tracking": "tracking_options",
}


def install() -> None:
    for word, attribute in _OPTIONS.items():
        operations.add(f"put_configuration_set_{word}_options", _setter(attribute))
    operations.add("put_email_identity_configuration_set_attributes", _use)
    operations.add("get_configuration_set", _get, instead=True)
    operations.add("delete_configuration_set", _delete, instead=True)
    operations.add("create_configuration_set_event_destination", _create_destination)
    operations.add("update_configuration_set_event_destination", _update_destination)
    operations.add("delete_configuration_set_event_destination", _delete_destination)
    operations.add("get_configuration_set_event_destinations", _get_destinations)


def find(backend: Any, name: str) -> Any:
    """moto's configuration set. Raises: NotFound, where moto raises an error of SES v1."""
    if name not in backend.config_sets:
        raise NotFound(f"Configuration set <{name}> does not exist.")
    return backend.config_sets[name]


def _setter(attribute: str) -> operations.Operation:
    def put(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
        options = {key: value for key, value in call.items() if key != "ConfigurationSetName"}
        setattr(find(backend, call["ConfigurationSetName"]), attribute, options)
        return {}

    return put


def sending_enabled(configuration_set: Any) -> bool:
    return bool((configuration_set.enabled or {}).get("SendingEnabled", True))


def _get(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    found = find(backend, call["ConfigurationSetName"])
    options = {"SendingOptions": {"SendingEnabled": sending_enabled(found)}}
    return {**found.to_dict_v2(), **options}


def _delete(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    find(backend, call["ConfigurationSetName"])
    backend.delete_configuration_set(call["ConfigurationSetName"])
    _all_destinations(backend).pop(call["ConfigurationSetName"], None)
    arn = operations.arn(backend, "configuration-set", call["ConfigurationSetName"])
    backend.tagger.delete_all_tags_for_resource(arn)
    return {}


def _use(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    if call["EmailIdentity"] not in backend.email_identities:
        raise NotFound(f"Email identity {call['EmailIdentity']} does not exist.")
    name = call.get("ConfigurationSetName")
    if name:
        find(backend, name)
    backend.email_identities[call["EmailIdentity"]].configuration_set_name = name
    return {}


def _all_destinations(backend: Any) -> dict[str, dict[str, Any]]:
    if not hasattr(backend, "destinations_v2"):
        backend.destinations_v2 = {}
    destinations: dict[str, dict[str, Any]] = backend.destinations_v2
    return destinations


def destinations(backend: Any, name: str) -> dict[str, Any]:
    """Of a configuration set, by name."""
    find(backend, name)
    of_set: dict[str, Any] = _all_destinations(backend).setdefault(name, {})
    return of_set


def _create_destination(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    of_set, name = destinations(backend, call["ConfigurationSetName"]), call["EventDestinationName"]
    if name in of_set:
        raise AlreadyExists(f"An event destination named {name} already exists.")
    of_set[name] = call["EventDestination"]
    return {}


def _existing(backend: Any, call: Mapping[str, Any]) -> dict[str, Any]:
    of_set, name = destinations(backend, call["ConfigurationSetName"]), call["EventDestinationName"]
    if name not in of_set:
        raise NotFound(f"Event destination {name} does not exist.")
    return of_set


def _update_destination(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    _existing(backend, call)[call["EventDestinationName"]] = call["EventDestination"]
    return {}


def _delete_destination(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    del _existing(backend, call)[call["EventDestinationName"]]
    return {}


def _get_destinations(backend: Any, call: Mapping[str, Any]) -> Mapping[str, Any]:
    of_set = destinations(backend, call["ConfigurationSetName"])
    return {"EventDestinations": [{"Name": name, **body} for name, body in of_set.items()]}
