"""AWS::ECR, as far as the CDK's bootstrap stack needs it."""

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names


def _create(request: Request) -> Physical:
    name = request.name(request.properties.get("RepositoryName"), limit=256, lower=True)
    repository = request.call(
        "ecr",
        "create_repository",
        request.some("EncryptionConfiguration", "ImageScanningConfiguration", "ImageTagMutability", "Tags"),
        repositoryName=name,
    )["repository"]
    physical = Physical(
        name, {"Arn": repository["repositoryArn"], "RepositoryUri": repository["repositoryUri"]}
    )
    request.began(physical)
    return _update(request, physical)


def _update(request: Request, physical: Physical) -> Physical:
    properties, name = request.properties, physical.id
    if request.changed("LifecyclePolicy") and "LifecyclePolicy" not in properties:
        request.call_unless_absent("ecr", "delete_lifecycle_policy", repositoryName=name)
    elif request.changed("LifecyclePolicy"):
        text = properties["LifecyclePolicy"]["LifecyclePolicyText"]
        request.call("ecr", "put_lifecycle_policy", repositoryName=name, lifecyclePolicyText=text)
    if request.changed("RepositoryPolicyText") and "RepositoryPolicyText" not in properties:
        request.call_unless_absent("ecr", "delete_repository_policy", repositoryName=name)
    elif request.changed("RepositoryPolicyText"):
        text = properties["RepositoryPolicyText"]
        request.call("ecr", "set_repository_policy", repositoryName=name, policyText=text)
    return physical


def _delete(request: Request, physical: Physical) -> None:
    force = str(request.properties.get("EmptyOnDelete", False)).lower() == "true"
    request.call_unless_absent("ecr", "delete_repository", repositoryName=physical.id, force=force)


TYPES = (
    ResourceType(
        name="AWS::ECR::Repository",
        create=_create,
        update=_update,
        delete=_delete,
        properties=names("EmptyOnDelete LifecyclePolicy RepositoryPolicyText"),
        replacing=names(
            "EncryptionConfiguration ImageScanningConfiguration ImageTagMutability RepositoryName Tags"
        ),
    ),
)
