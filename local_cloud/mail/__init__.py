"""E-mails of SES: templates, suppression and sending; what is sent lands in the outbox."""

from local_cloud.mail import configuration_sets, sending, suppression, templates
from local_cloud.settings import Settings

__all__ = ["install"]


def install(settings: Settings) -> None:
    """Put into moto's SES v2 what it lacks of templates, suppression lists and configuration sets."""
    templates.install()
    suppression.install()
    configuration_sets.install()
    sending.install(settings)
