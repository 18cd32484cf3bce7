"""HTTP APIs of API Gateway, served on this machine."""

from local_cloud.gateway.install import install

__all__ = ["install"]
