"""Where a job's objects are, and how to come by them; without a client of S3, which takes long to load."""

from dataclasses import dataclass
from pathlib import Path

from personalize_server.facts.options import Options


@dataclass(frozen=True, kw_only=True)
class ObjectAccess:
    file_root: Path | None
    """the folder whose folders are buckets; None: S3"""
    s3_endpoint: str | None
    """None: Amazon S3"""
    region: str
    role: str | None
    """the ARN of the role to read and write as; None: as the server itself"""


def access_of(options: Options, region: str, role: str | None) -> ObjectAccess:
    """What the server was started with, for whom works in this region with this `roleArn`."""
    return ObjectAccess(
        file_root=options.file_root,
        s3_endpoint=options.s3_endpoint,
        region=region,
        role=role if options.assume_roles else None,
    )
