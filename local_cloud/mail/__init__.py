"""E-mails of SES: templates, suppression and sending; what is sent lands in the outbox."""

from local_cloud.ground.settings import Settings
from local_cloud.mail import configuration_sets, identities, sending, suppression, templates

__all__ = ["install"]


def install(settings: Settings) -> None:
    """Put into moto's SES v2 what it lacks."""
    templates.install()
    identities.install()
    suppression.install()
    configuration_sets.install()
    sending.install(settings)
