"""AWS::SecretsManager."""

import json
from collections.abc import Mapping
from typing import Any

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes


def _value(request: Request) -> dict[str, Any]:
    """The secret's text, generated where the template asks for that."""
    properties = request.properties
    if "GenerateSecretString" not in properties:
        return request.some("SecretString")
    wanted = dict(properties["GenerateSecretString"])
    template, key = wanted.pop("SecretStringTemplate", None), wanted.pop("GenerateStringKey", None)
    password = request.call("secretsmanager", "get_random_password", wanted)["RandomPassword"]
    if template is None:
        return {"SecretString": password}
    return {"SecretString": json.dumps({**json.loads(template), key: password})}


def _create(request: Request) -> Physical:
    name = request.name(request.properties.get("Name"), limit=512)
    arguments = request.some("Description", "KmsKeyId", "Tags") | _value(request)
    if "ReplicaRegions" in request.properties:
        arguments["AddReplicaRegions"] = request.properties["ReplicaRegions"]
    arn = request.call("secretsmanager", "create_secret", arguments, Name=name)["ARN"]
    return Physical(arn, {"Id": arn})


def _adopt(request: Request, identifier: Mapping[str, str]) -> Physical:
    arn = request.call("secretsmanager", "describe_secret", SecretId=identifier["Id"])["ARN"]
    return Physical(arn, {"Id": arn})


def _update(request: Request, physical: Physical) -> Physical:
    defaults = {"Description": "", "KmsKeyId": "alias/aws/secretsmanager"}
    arguments = {name: value for name, value in defaults.items() if request.changed(name)}
    arguments |= request.some("Description", "KmsKeyId")
    # As CloudFormation: the text is generated anew only when what describes it changes.
    if request.changed("SecretString", "GenerateSecretString"):
        arguments |= _value(request)
    if arguments:
        request.call("secretsmanager", "update_secret", arguments, SecretId=physical.id)
    tags, gone = tag_changes(request.old_properties.get("Tags"), request.properties.get("Tags"))
    if tags:
        request.call("secretsmanager", "tag_resource", SecretId=physical.id, Tags=tags)
    if gone:
        request.call("secretsmanager", "untag_resource", SecretId=physical.id, TagKeys=gone)
    _set_replicas(request, physical)
    return physical


def _set_replicas(request: Request, physical: Physical) -> None:
    """A replica whose key changes is made anew."""
    old, new = (
        {replica["Region"]: replica for replica in properties.get("ReplicaRegions", [])}
        for properties in (request.old_properties, request.properties)
    )
    gone = sorted(region for region, replica in old.items() if replica != new.get(region))
    added = [replica for region, replica in new.items() if replica != old.get(region)]
    if gone:
        request.call(
            "secretsmanager",
            "remove_regions_from_replication",
            SecretId=physical.id,
            RemoveReplicaRegions=gone,
        )
    if added:
        request.call(
            "secretsmanager", "replicate_secret_to_regions", SecretId=physical.id, AddReplicaRegions=added
        )


def _delete(request: Request, physical: Physical) -> None:
    copies = [replica["Region"] for replica in request.properties.get("ReplicaRegions", [])]
    if copies:
        request.call_unless_absent(
            "secretsmanager",
            "remove_regions_from_replication",
            SecretId=physical.id,
            RemoveReplicaRegions=copies,
        )
    request.call_unless_absent(
        "secretsmanager", "delete_secret", SecretId=physical.id, ForceDeleteWithoutRecovery=True
    )


TYPES = (
    ResourceType(
        name="AWS::SecretsManager::Secret",
        create=_create,
        update=_update,
        delete=_delete,
        adopt=_adopt,
        identifier=("Id",),
        properties=names("Description GenerateSecretString KmsKeyId ReplicaRegions SecretString Tags"),
        replacing=names("Name"),
    ),
)
