"""EventBridge, SNS and CloudWatch's alarms: events and messages reach what moto leaves out."""

from local_cloud.ground.settings import Settings


def install(settings: Settings) -> None:
    """Mend moto, once per process."""
    from local_cloud.events import alarms, confirmations, metrics, push, rules, subscriptions, topics

    alarms.install(settings)
    metrics.install()
    rules.install()
    push.install(settings)
    subscriptions.install(settings)
    confirmations.install()
    topics.install()
