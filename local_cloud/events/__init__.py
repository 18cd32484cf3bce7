"""EventBridge, SNS and the figures of CloudWatch: events and messages reach what moto leaves out."""

from local_cloud.ground.settings import Settings


def install(settings: Settings) -> None:
    """Mend moto, once per process."""
    from local_cloud.events import confirmations, metrics, push, rules, subscriptions, topics

    metrics.install()
    rules.install()
    push.install(settings)
    subscriptions.install(settings)
    confirmations.install()
    topics.install()
