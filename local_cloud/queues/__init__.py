"""Queues that lose nothing, and functions that consume them."""

from local_cloud.queues.install import install

__all__ = ["install"]
