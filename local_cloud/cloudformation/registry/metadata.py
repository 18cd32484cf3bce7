"""Types that make nothing."""

from local_cloud.cloudformation.resources.resource import Physical, Request, ResourceType, names


def _create(request: Request) -> Physical:
    return Physical(request.logical_id)


TYPES = (
    ResourceType(
        name="AWS::CDK::Metadata",
        create=_create,
        update=lambda _request, physical: physical,
        delete=lambda _request, _physical: None,
        properties=names("Analytics"),
    ),
)
