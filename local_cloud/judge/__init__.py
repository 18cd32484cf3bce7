"""Who asks the local cloud for what, and whether policies as deployed allow it; that is recorded."""

from local_cloud.ground.settings import Settings


def install(settings: Settings) -> None:
    """Make the judge, once per process."""
    from local_cloud.judge import instance

    instance.install(settings)
