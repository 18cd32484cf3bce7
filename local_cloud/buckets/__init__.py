"""Buckets whose policies hold."""

from local_cloud.buckets.install import install

__all__ = ["install"]
