"""DynamoDB under several threads."""

from local_cloud.tables.install import install

__all__ = ["install"]
