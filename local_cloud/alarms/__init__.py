"""CloudWatch's alarms, evaluated: states by data points, composite ones, what they tell; metric math."""

from collections.abc import Callable

from local_cloud.ground.settings import Settings


def install(settings: Settings) -> Callable[[], None]:
    """Mend moto, once per process, and begin to watch; what it answers ends that."""
    from local_cloud.alarms import metric_data, records
    from local_cloud.alarms.watch import Watch
    from local_cloud.regions.instance import reach

    records.install()
    metric_data.install()
    watch = Watch(settings, reach().is_up)
    watch.start()
    return watch.close
