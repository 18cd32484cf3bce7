"""The roles that Amazon Personalize takes on to read and write files."""

from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.ground.access import Access, allow
from constructs.ground.personalize_service import personalize_principal
from constructs.storage.data_bucket import BATCH, DATASETS, DataBucket


def import_role(scope: Construct, construct_id: str, *, data: DataBucket, folder: str) -> iam.Role:
    """For dataset import jobs: reads `datasets/<folder>/`."""
    role = _role(scope, construct_id, f"Amazon Personalize imports the datasets of {folder}")
    data.grant_list(role)
    data.grant_read(role, f"{DATASETS}/{folder}", why=_EVERY_RUN)
    return role


def batch_role(scope: Construct, construct_id: str, *, data: DataBucket, folder: str) -> iam.Role:
    """For batch inference jobs: reads and writes `batch/<folder>/`."""
    role = _role(scope, construct_id, f"Amazon Personalize recommends in batches for {folder}")
    data.grant_list(role)
    data.grant_read(role, f"{BATCH}/{folder}", why=_EVERY_RUN)
    data.grant_write(role, f"{BATCH}/{folder}", why=_EVERY_RUN)
    allow(role, Access(actions=("kms:DescribeKey", "kms:ListGrants"), resources=(data.key.key_arn,)))
    return role


_EVERY_RUN = (
    "Each run has a folder of its own below the use case's, and its files get their names from the job"
)


def _role(scope: Construct, construct_id: str, description: str) -> iam.Role:
    return iam.Role(scope, construct_id, assumed_by=personalize_principal(scope), description=description)
