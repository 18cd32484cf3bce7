"""AWS::SSM."""

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes

_SETTINGS = "AllowedPattern DataType Description Policies Tier Type Value"
# Of a parameter that does not name them: API reference of Systems Manager, PutParameter.
_DEFAULTS = {"AllowedPattern": "", "DataType": "text", "Description": "", "Policies": "", "Tier": "Standard"}


def _physical(request: Request, name: str) -> Physical:
    return Physical(name, {"Type": request.properties["Type"], "Value": request.properties["Value"]})


def _create(request: Request) -> Physical:
    name = request.name(request.properties.get("Name"), limit=1011)
    request.call("ssm", "put_parameter", request.some(*_SETTINGS.split(), "Tags"), Name=name)
    return _physical(request, name)


def _update(request: Request, physical: Physical) -> Physical:
    without = {name: value for name, value in _DEFAULTS.items() if request.changed(name)}
    arguments = without | request.some(*_SETTINGS.split())
    request.call("ssm", "put_parameter", arguments, Name=physical.id, Overwrite=True)
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    parameter = {"ResourceType": "Parameter", "ResourceId": physical.id}
    if tags:
        request.call("ssm", "add_tags_to_resource", parameter, Tags=tags)
    if gone:
        request.call("ssm", "remove_tags_from_resource", parameter, TagKeys=gone)
    return _physical(request, physical.id)


def _delete(request: Request, physical: Physical) -> None:
    request.call_unless_absent("ssm", "delete_parameter", Name=physical.id)


TYPES = (
    ResourceType(
        name="AWS::SSM::Parameter",
        create=_create,
        update=_update,
        delete=_delete,
        properties=names(f"{_SETTINGS} Tags"),
        replacing=names("Name"),
    ),
)
