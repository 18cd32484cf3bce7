"""CloudFormation of the local cloud: its own engine, which drives every resource type through boto3."""

from moto.cloudformation import urls

from local_cloud.cloudformation.api import CloudFormationApi
from local_cloud.cloudformation.service import CloudFormation
from local_cloud.ground.settings import Settings

__all__ = ["install"]


def install(settings: Settings) -> None:
    """Answer the CloudFormation API with this engine instead of moto's.

    moto's skips the types it does not know while the stack says CREATE_COMPLETE, compares template text on
    update instead of values, deletes in no order, and neither rolls back nor fails.
    """
    CloudFormationApi.service = CloudFormation(settings)
    urls.url_paths = {"{0}/$": CloudFormationApi.dispatch}
