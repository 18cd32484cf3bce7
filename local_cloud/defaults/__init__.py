"""What resources have though nobody named it, of services that have no room of their own here."""

from local_cloud.ground.settings import Settings


def install(_settings: Settings) -> None:
    """Mend moto, once per process."""
    from local_cloud.defaults import keys, log_groups, schedules

    keys.install()
    log_groups.install()
    schedules.install()
