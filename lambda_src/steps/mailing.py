"""What e-mails need besides their words: the API that their links lead to, and the key that signs these."""

from __future__ import annotations

from functools import cache

from pipeline.errors import InvalidInput
from pipeline.notifications.telling import Mailing
from pipeline.notifications.unsubscribing import UnsubscribeLinks
from steps.clients import client
from steps.environment import notify_environment


def mailing_of(sender: str, configuration_set: str) -> Mailing:
    """sender: name and address. Raises: InvalidInput, before the serving stack is deployed."""
    return Mailing(
        sender=sender,
        configuration_set=configuration_set,
        api_address=_api_address(),
        links=UnsubscribeLinks(_secret()),
    )


@cache
def _secret() -> str:
    answer = client("secretsmanager").get_secret_value(SecretId=notify_environment().unsubscribe_secret)
    return str(answer["SecretString"])


@cache
def _api_address() -> str:
    """Of the serving API, whose stack is deployed after this function's."""
    name = notify_environment().api_address_parameter
    try:
        return str(client("ssm").get_parameter(Name=name)["Parameter"]["Value"])
    except client("ssm").exceptions.ParameterNotFound:
        raise InvalidInput(
            f"the parameter {name} is missing: deploy the serving stack before e-mails are sent, "
            "since each has a link to unsubscribe"
        ) from None
