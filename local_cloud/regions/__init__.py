"""Regions of one local cloud: which of them answer, and what travels from one to another."""

from collections.abc import Callable

from local_cloud.ground.settings import Settings


def install(settings: Settings) -> Callable[[], None]:
    """Once per process; returns what ends the carrying."""
    from local_cloud.regions import instance

    return instance.install(settings)
