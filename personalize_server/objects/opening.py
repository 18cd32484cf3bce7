"""Which store of objects a job works with."""

from personalize_server.objects.access import ObjectAccess
from personalize_server.objects.file_objects import FileObjects
from personalize_server.objects.s3 import Objects, S3Objects


def objects_of(access: ObjectAccess) -> Objects:
    if access.file_root is not None:
        return FileObjects(access.file_root)
    return S3Objects(access.s3_endpoint, access.region, access.role)
