"""EventBridge, SNS and the figures of CloudWatch: events and messages reach what moto leaves out."""

from collections.abc import Callable

from local_cloud.ground.settings import Settings


def install(settings: Settings) -> Callable[[], None] | None:
    """Mend moto, once per process; what it answers ends the clock of schedules, if one goes."""
    from local_cloud.events import clockwork, confirmations, metrics, push, rules, subscriptions, topics
    from local_cloud.regions.instance import reach

    metrics.install()
    rules.install()
    push.install(settings)
    subscriptions.install(settings)
    confirmations.install()
    topics.install()
    clock = clockwork.Clockwork(settings, reach().is_up)
    return clock.start() if settings.schedules_fire else None
