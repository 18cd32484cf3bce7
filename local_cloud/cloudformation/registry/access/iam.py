"""AWS::IAM."""

from typing import Any

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names, tag_changes

_HOLDERS = {"Roles": ("role", "RoleName"), "Users": ("user", "UserName"), "Groups": ("group", "GroupName")}


def _create_role(request: Request) -> Physical:
    properties = request.properties
    name = request.name(properties.get("RoleName"))
    role = request.call(
        "iam",
        "create_role",
        request.some(
            "AssumeRolePolicyDocument",
            "Description",
            "MaxSessionDuration",
            "Path",
            "PermissionsBoundary",
            "Tags",
        ),
        RoleName=name,
    )["Role"]
    physical = Physical(name, {"Arn": role["Arn"], "RoleId": role["RoleId"]})
    request.began(physical)
    _put_role_policies(request, name)
    return physical


def _update_role(request: Request, physical: Physical) -> Physical:
    properties, old, name = request.properties, request.old_properties, physical.id
    if request.changed("AssumeRolePolicyDocument"):
        document = properties["AssumeRolePolicyDocument"]
        request.call("iam", "update_assume_role_policy", RoleName=name, PolicyDocument=document)
    if request.changed("Description", "MaxSessionDuration"):
        given = request.some("Description", "MaxSessionDuration")
        request.call(
            "iam", "update_role", {"Description": "", "MaxSessionDuration": 3600} | given, RoleName=name
        )
    if request.changed("PermissionsBoundary"):
        if "PermissionsBoundary" in properties:
            request.call(
                "iam", "put_role_permissions_boundary", request.some("PermissionsBoundary"), RoleName=name
            )
        else:
            request.call("iam", "delete_role_permissions_boundary", RoleName=name)
    for arn in set(old.get("ManagedPolicyArns", [])) - set(properties.get("ManagedPolicyArns", [])):
        request.call("iam", "detach_role_policy", RoleName=name, PolicyArn=arn)
    kept = {policy["PolicyName"] for policy in properties.get("Policies", [])}
    for policy in old.get("Policies", []):
        if policy["PolicyName"] not in kept:
            request.call("iam", "delete_role_policy", RoleName=name, PolicyName=policy["PolicyName"])
    _put_role_policies(request, name)
    tags, gone = tag_changes(old.get("Tags"), properties.get("Tags"))
    if tags:
        request.call("iam", "tag_role", RoleName=name, Tags=tags)
    if gone:
        request.call("iam", "untag_role", RoleName=name, TagKeys=gone)
    return physical


def _put_role_policies(request: Request, name: str) -> None:
    for arn in request.properties.get("ManagedPolicyArns", []):
        request.call("iam", "attach_role_policy", RoleName=name, PolicyArn=arn)
    for policy in request.properties.get("Policies", []):
        request.call("iam", "put_role_policy", policy, RoleName=name)


def _delete_role(request: Request, physical: Physical) -> None:
    name = physical.id
    for arn in request.properties.get("ManagedPolicyArns", []):
        request.call_unless_absent("iam", "detach_role_policy", RoleName=name, PolicyArn=arn)
    for policy in request.properties.get("Policies", []):
        request.call_unless_absent(
            "iam", "delete_role_policy", RoleName=name, PolicyName=policy["PolicyName"]
        )
    request.call_unless_absent("iam", "delete_role", RoleName=name)


def _create_policy(request: Request) -> Physical:
    for kind, parameter, holder in _holders(request.properties):
        request.call(
            "iam", f"put_{kind}_policy", request.some("PolicyName", "PolicyDocument"), **{parameter: holder}
        )
    return Physical(request.properties["PolicyName"], {"Id": request.properties["PolicyName"]})


def _update_policy(request: Request, physical: Physical) -> Physical:
    _create_policy(request)
    _remove_policy(request, _holders(request.old_properties) - _holders(request.properties))
    return physical


def _delete_policy(request: Request, _physical: Physical) -> None:
    _remove_policy(request, _holders(request.properties))


def _remove_policy(request: Request, holders: set[tuple[str, str, str]]) -> None:
    for kind, parameter, holder in holders:
        name = request.properties["PolicyName"]
        request.call_unless_absent("iam", f"delete_{kind}_policy", **{parameter: holder, "PolicyName": name})


def _create_managed_policy(request: Request) -> Physical:
    name = request.name(request.properties.get("ManagedPolicyName"), limit=128)
    policy = request.call(
        "iam", "create_policy", request.some("Description", "Path", "PolicyDocument"), PolicyName=name
    )["Policy"]
    physical = Physical(policy["Arn"], {"PolicyArn": policy["Arn"], "PolicyId": policy["PolicyId"]})
    request.began(physical)
    _attach(request, physical.id, _holders(request.properties))
    return physical


def _update_managed_policy(request: Request, physical: Physical) -> Physical:
    if request.changed("PolicyDocument"):
        versions = request.call("iam", "list_policy_versions", PolicyArn=physical.id)["Versions"]
        request.call(
            "iam",
            "create_policy_version",
            request.some("PolicyDocument"),
            PolicyArn=physical.id,
            SetAsDefault=True,
        )
        for version in versions:
            request.call(
                "iam", "delete_policy_version", PolicyArn=physical.id, VersionId=version["VersionId"]
            )
    old, new = _holders(request.old_properties), _holders(request.properties)
    _attach(request, physical.id, new - old)
    _detach(request, physical.id, old - new)
    return physical


def _delete_managed_policy(request: Request, physical: Physical) -> None:
    _detach(request, physical.id, _holders(request.properties))
    request.call_unless_absent("iam", "delete_policy", PolicyArn=physical.id)


def _attach(request: Request, arn: str, holders: set[tuple[str, str, str]]) -> None:
    for kind, parameter, holder in holders:
        request.call("iam", f"attach_{kind}_policy", {parameter: holder, "PolicyArn": arn})


def _detach(request: Request, arn: str, holders: set[tuple[str, str, str]]) -> None:
    for kind, parameter, holder in holders:
        request.call_unless_absent("iam", f"detach_{kind}_policy", **{parameter: holder, "PolicyArn": arn})


def _holders(properties: Any) -> set[tuple[str, str, str]]:
    return {(*_HOLDERS[name], holder) for name in _HOLDERS for holder in properties.get(name, [])}


TYPES = (
    ResourceType(
        name="AWS::IAM::Role",
        names_its_stack=False,
        create=_create_role,
        update=_update_role,
        delete=_delete_role,
        properties=names(
            "AssumeRolePolicyDocument Description ManagedPolicyArns MaxSessionDuration PermissionsBoundary "
            "Policies Tags"
        ),
        replacing=names("RoleName Path"),
    ),
    ResourceType(
        name="AWS::IAM::Policy",
        create=_create_policy,
        update=_update_policy,
        delete=_delete_policy,
        properties=names("PolicyDocument Roles Users Groups"),
        replacing=names("PolicyName"),
    ),
    ResourceType(
        name="AWS::IAM::ManagedPolicy",
        create=_create_managed_policy,
        update=_update_managed_policy,
        delete=_delete_managed_policy,
        properties=names("PolicyDocument Roles Users Groups"),
        replacing=names("ManagedPolicyName Description Path"),
    ),
)
