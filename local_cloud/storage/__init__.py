"""S3 and DynamoDB: buckets whose policies hold, tables under several threads."""

from local_cloud.ground.settings import Settings


def install(settings: Settings) -> None:
    """Mend moto, once per process."""
    from local_cloud.storage import buckets, tables

    tables.install(settings)
    buckets.install(settings)
