"""EventBridge and SNS: events and messages reach what moto leaves out."""

from local_cloud.settings import Settings


def install(settings: Settings) -> None:
    """Mend moto, once per process."""
    # Not above: whoever reads the outbox needs no moto, which takes seconds to import.
    from local_cloud.events import rules, subscriptions

    rules.install()
    subscriptions.install(settings)
