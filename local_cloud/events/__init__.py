"""EventBridge and SNS: events and messages reach what moto leaves out."""

from local_cloud.settings import Settings


def install(settings: Settings) -> None:
    """Mend moto, once per process."""
    from local_cloud.events import push, rules, subscriptions

    rules.install()
    push.install(settings)
    subscriptions.install(settings)
