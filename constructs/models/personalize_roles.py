"""The roles that Amazon Personalize takes on to read and write files.

Who may take them on is limited to this account's jobs, as the developer guide asks ("Cross-service confused
deputy prevention"). The key names each role beside the service ("Giving Amazon Personalize permission to use
your AWS KMS key").
"""

from aws_cdk import aws_iam as iam
from constructs import Construct
from constructs.ground.access import Access, allow
from constructs.ground.personalize_service import personalize_principal
from constructs.storage.data_bucket import BATCH, DATASETS, DataBucket
from constructs.storage.data_key import let_personalize_use


def import_role(scope: Construct, construct_id: str, *, data: DataBucket, folder: str) -> iam.Role:
    """For dataset import jobs: reads `datasets/<folder>/`."""
    role = _role(scope, construct_id, data, f"Amazon Personalize imports the datasets of {folder}")
    data.grant_list(role)
    data.grant_read(role, f"{DATASETS}/{folder}", why=_EVERY_RUN)
    return role


def batch_role(scope: Construct, construct_id: str, *, data: DataBucket, folder: str) -> iam.Role:
    """For batch inference jobs: reads and writes `batch/<folder>/`."""
    role = _role(scope, construct_id, data, f"Amazon Personalize recommends in batches for {folder}")
    data.grant_list(role)
    data.grant_read(role, f"{BATCH}/{folder}", why=_EVERY_RUN)
    data.grant_write(role, f"{BATCH}/{folder}", why=_EVERY_RUN)
    allow(role, Access(actions=("kms:DescribeKey", "kms:ListGrants"), resources=(data.key.key_arn,)))
    return role


_EVERY_RUN = (
    "Each run has a folder of its own below the use case's, and its files get their names from the job"
)


def _role(scope: Construct, construct_id: str, data: DataBucket, description: str) -> iam.Role:
    principal = personalize_principal(scope, own_jobs_only=True)
    role = iam.Role(scope, construct_id, assumed_by=principal, description=description)
    let_personalize_use(data.key, role)
    return role
