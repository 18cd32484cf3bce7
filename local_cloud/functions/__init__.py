"""Lambda functions, run in warm processes of this machine."""

from local_cloud.functions.install import install

__all__ = ["install"]
