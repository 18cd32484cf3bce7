"""AWS::SES."""

from typing import Any

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes

# Of a configuration set: property, the call that changes it, and what there is without the property.
_OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "DeliveryOptions": ("put_configuration_set_delivery_options", {"TlsPolicy": "OPTIONAL"}),
    "ReputationOptions": ("put_configuration_set_reputation_options", {"ReputationMetricsEnabled": False}),
    "SendingOptions": ("put_configuration_set_sending_options", {"SendingEnabled": True}),
    "SuppressionOptions": ("put_configuration_set_suppression_options", {}),
    "TrackingOptions": ("put_configuration_set_tracking_options", {}),
}


def _create_identity(request: Request) -> Physical:
    identity = request.properties["EmailIdentity"]
    request.call("sesv2", "create_email_identity", _identity(request), EmailIdentity=identity)
    physical = Physical(identity)
    request.began(physical)
    _set_feedback(request, physical)
    tokens = {f"DkimDNSToken{kind}{n}": f"{kind.lower()}{n}.{identity}" for n in (1, 2, 3) for kind in _DKIM}
    return Physical(identity, tokens)


_DKIM = ("Name", "Value")


def _set_feedback(request: Request, physical: Physical) -> None:
    if request.changed("FeedbackAttributes"):
        forwarding = {"EmailForwardingEnabled": True, **request.properties.get("FeedbackAttributes", {})}
        request.call("sesv2", "put_email_identity_feedback_attributes", forwarding, EmailIdentity=physical.id)


def _identity(request: Request) -> dict[str, Any]:
    attributes = request.properties.get("ConfigurationSetAttributes", {})
    return {**request.some("Tags"), **attributes}


def _update_identity(request: Request, physical: Physical) -> Physical:
    if request.changed("ConfigurationSetAttributes"):
        request.call(
            "sesv2",
            "put_email_identity_configuration_set_attributes",
            request.properties.get("ConfigurationSetAttributes"),
            EmailIdentity=physical.id,
        )
    _set_feedback(request, physical)
    _tag(request, f"identity/{physical.id}")
    return physical


def _tag(request: Request, name: str) -> None:
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    arn = request.arn("ses", name)
    if tags:
        request.call("sesv2", "tag_resource", ResourceArn=arn, Tags=tags)
    if gone:
        request.call("sesv2", "untag_resource", ResourceArn=arn, TagKeys=gone)


def _delete_identity(request: Request, physical: Physical) -> None:
    request.call_unless_absent("sesv2", "delete_email_identity", EmailIdentity=physical.id)


def _create_set(request: Request) -> Physical:
    name = request.name(request.properties.get("Name"))
    request.call(
        "sesv2", "create_configuration_set", request.some(*_OPTIONS, "Tags"), ConfigurationSetName=name
    )
    return Physical(name)


def _update_set(request: Request, physical: Physical) -> Physical:
    for name, (method, default) in _OPTIONS.items():
        if request.changed(name):
            options = request.properties.get(name, default)
            request.call("sesv2", method, options, ConfigurationSetName=physical.id)
    _tag(request, f"configuration-set/{physical.id}")
    return physical


def _delete_set(request: Request, physical: Physical) -> None:
    request.call_unless_absent("sesv2", "delete_configuration_set", ConfigurationSetName=physical.id)


def _destination(request: Request) -> tuple[str, dict[str, Any]]:
    destination = dict(request.properties["EventDestination"])
    return destination.pop("Name", None) or request.name(None), destination


def _create_destination(request: Request) -> Physical:
    name, destination = _destination(request)
    request.call(
        "sesv2",
        "create_configuration_set_event_destination",
        request.some("ConfigurationSetName"),
        EventDestinationName=name,
        EventDestination=destination,
    )
    return Physical(name, {"Id": name})


def _update_destination(request: Request, physical: Physical) -> Physical:
    request.call(
        "sesv2",
        "update_configuration_set_event_destination",
        request.some("ConfigurationSetName"),
        EventDestinationName=physical.id,
        EventDestination=_destination(request)[1],
    )
    return physical


def _delete_destination(request: Request, physical: Physical) -> None:
    request.call_unless_absent(
        "sesv2",
        "delete_configuration_set_event_destination",
        **request.some("ConfigurationSetName"),
        EventDestinationName=physical.id,
    )


def _content(request: Request) -> dict[str, str]:
    parts = {"SubjectPart": "Subject", "HtmlPart": "Html", "TextPart": "Text"}
    template = request.properties["Template"]
    return {parts[name]: text for name, text in template.items() if name in parts}


def _create_template(request: Request) -> Physical:
    name = request.name(request.properties["Template"].get("TemplateName"))
    content = _content(request)
    request.call(
        "sesv2", "create_email_template", request.some("Tags"), TemplateName=name, TemplateContent=content
    )
    return Physical(name, {"Id": name})


def _update_template(request: Request, physical: Physical) -> Physical:
    if request.properties["Template"].get("TemplateName") not in (None, physical.id):
        made = _create_template(request)
        _delete_template(request, physical)
        return made
    request.call(
        "sesv2", "update_email_template", TemplateName=physical.id, TemplateContent=_content(request)
    )
    _tag(request, f"template/{physical.id}")
    return physical


def _delete_template(request: Request, physical: Physical) -> None:
    request.call_unless_absent("sesv2", "delete_email_template", TemplateName=physical.id)


TYPES = (
    ResourceType(
        name="AWS::SES::EmailIdentity",
        create=_create_identity,
        update=_update_identity,
        delete=_delete_identity,
        properties=names("ConfigurationSetAttributes FeedbackAttributes Tags"),
        replacing=names("EmailIdentity"),
        without_effect=names("DkimAttributes DkimSigningAttributes MailFromAttributes"),
    ),
    ResourceType(
        name="AWS::SES::ConfigurationSet",
        create=_create_set,
        update=_update_set,
        delete=_delete_set,
        properties=names(f"{' '.join(_OPTIONS)} Tags"),
        replacing=names("Name"),
        without_effect=names("ArchivingOptions VdmOptions"),
    ),
    ResourceType(
        name="AWS::SES::ConfigurationSetEventDestination",
        create=_create_destination,
        update=_update_destination,
        delete=_delete_destination,
        properties=names("EventDestination"),
        replacing=names("ConfigurationSetName"),
    ),
    ResourceType(
        name="AWS::SES::Template",
        create=_create_template,
        update=_update_template,
        delete=_delete_template,
        properties=names("Template Tags"),
    ),
)
