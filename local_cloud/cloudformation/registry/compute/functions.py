"""AWS::Lambda."""

import io
import zipfile
from typing import Any

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes

_CONFIGURATION = (
    "DeadLetterConfig Description Environment EphemeralStorage Handler KmsKeyArn Layers LoggingConfig "
    "MemorySize Role Runtime Timeout TracingConfig VpcConfig"
)


def _code(request: Request) -> dict[str, Any]:
    code = request.properties["Code"]
    if "ZipFile" not in code:
        return dict(code)
    extension = "js" if str(request.properties.get("Runtime")).startswith("nodejs") else "py"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(zipfile.ZipInfo(f"index.{extension}"), code["ZipFile"])
    return {"ZipFile": packed.getvalue()}


def _configuration(request: Request) -> dict[str, Any]:
    configuration = request.some(*_CONFIGURATION.split())
    if "VpcConfig" in configuration:
        # moto looks for both lists.
        configuration["VpcConfig"] = {"SubnetIds": [], "SecurityGroupIds": [], **configuration["VpcConfig"]}
    return configuration


def _create_function(request: Request) -> Physical:
    name = request.name(request.properties.get("FunctionName"))
    arguments = _configuration(request) | request.some("Architectures", "PackageType", "Tags")
    arn = request.call("lambda", "create_function", arguments, FunctionName=name, Code=_code(request))[
        "FunctionArn"
    ]
    physical = Physical(name, {"Arn": arn})
    request.began(physical)
    _set_concurrency(request, name)
    return physical


def _update_function(request: Request, physical: Physical) -> Physical:
    name = physical.id
    if request.changed("Code", "Architectures"):
        code = {"Architectures": ["x86_64"]} | request.some("Architectures") | _code(request)
        request.call("lambda", "update_function_code", code, FunctionName=name)
    if request.changed(*_CONFIGURATION.split()):
        defaults = {
            "DeadLetterConfig": {"TargetArn": ""},
            "Description": "",
            "Environment": {"Variables": {}},
            "EphemeralStorage": {"Size": 512},
            "Layers": [],
            "KmsKeyArn": "",
            "LoggingConfig": {"LogGroup": f"/aws/lambda/{name}"},
            "MemorySize": 128,
            "Timeout": 3,
            "TracingConfig": {"Mode": "PassThrough"},
            "VpcConfig": {"SubnetIds": [], "SecurityGroupIds": []},
        }
        arguments = {key: value for key, value in defaults.items() if request.changed(key)} | _configuration(
            request
        )
        request.call("lambda", "update_function_configuration", arguments, FunctionName=name)
    if request.changed("ReservedConcurrentExecutions"):
        _set_concurrency(request, name)
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    if tags:
        request.call("lambda", "tag_resource", Resource=physical.attributes["Arn"], Tags=tags)
    if gone:
        request.call("lambda", "untag_resource", Resource=physical.attributes["Arn"], TagKeys=gone)
    return physical


def _set_concurrency(request: Request, name: str) -> None:
    if "ReservedConcurrentExecutions" in request.properties:
        arguments = request.some("ReservedConcurrentExecutions")
        request.call("lambda", "put_function_concurrency", arguments, FunctionName=name)
    elif "ReservedConcurrentExecutions" in request.old_properties:
        request.call("lambda", "delete_function_concurrency", FunctionName=name)


def _delete_function(request: Request, physical: Physical) -> None:
    request.call_unless_absent("lambda", "delete_function", FunctionName=physical.id)


def _create_layer(request: Request) -> Physical:
    name = request.name(request.properties.get("LayerName"), limit=140)
    arguments = request.some(
        "CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description", "LicenseInfo"
    )
    layer = request.call("lambda", "publish_layer_version", arguments, LayerName=name)
    memory = {"LayerName": name, "VersionNumber": layer["Version"]}
    return Physical(layer["LayerVersionArn"], {"LayerVersionArn": layer["LayerVersionArn"]}, memory)


def _delete_layer(request: Request, physical: Physical) -> None:
    request.call_unless_absent("lambda", "delete_layer_version", **physical.memory)


def _create_permission(request: Request) -> Physical:
    arguments = request.some(
        "Action",
        "EventSourceToken",
        "FunctionName",
        "FunctionUrlAuthType",
        "Principal",
        "PrincipalOrgID",
        "SourceAccount",
        "SourceArn",
    )
    statement = request.name(None, limit=100)
    request.call("lambda", "add_permission", arguments, StatementId=statement)
    return Physical(statement, {"Id": statement})


def _delete_permission(request: Request, physical: Physical) -> None:
    function = request.properties["FunctionName"]
    request.call_unless_absent("lambda", "remove_permission", FunctionName=function, StatementId=physical.id)


def _put_invoke_configuration(request: Request) -> Physical:
    arguments = request.some(
        "DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts", "Qualifier"
    )
    request.call("lambda", "put_function_event_invoke_config", arguments)
    return Physical(request.name(None))


def _delete_invoke_configuration(request: Request, _physical: Physical) -> None:
    request.call_unless_absent(
        "lambda", "delete_function_event_invoke_config", **request.some("FunctionName", "Qualifier")
    )


TYPES = (
    ResourceType(
        name="AWS::Lambda::Function",
        create=_create_function,
        update=_update_function,
        delete=_delete_function,
        properties=names(f"{_CONFIGURATION} Architectures Code ReservedConcurrentExecutions Tags"),
        replacing=names("FunctionName PackageType"),
        without_effect=names("RecursiveLoop RuntimeManagementConfig SnapStart"),
    ),
    ResourceType(
        name="AWS::Lambda::LayerVersion",
        create=_create_layer,
        delete=_delete_layer,
        properties=names(
            "CompatibleArchitectures CompatibleRuntimes Content Description LayerName LicenseInfo"
        ),
    ),
    ResourceType(
        name="AWS::Lambda::Permission",
        create=_create_permission,
        delete=_delete_permission,
        properties=names(
            "Action EventSourceToken FunctionName FunctionUrlAuthType Principal PrincipalOrgID SourceAccount "
            "SourceArn"
        ),
    ),
    ResourceType(
        name="AWS::Lambda::EventInvokeConfig",
        create=_put_invoke_configuration,
        update=lambda request, physical: (_put_invoke_configuration(request), physical)[1],
        delete=_delete_invoke_configuration,
        properties=names("DestinationConfig MaximumEventAgeInSeconds MaximumRetryAttempts"),
        replacing=names("FunctionName Qualifier"),
    ),
)
