"""Where people's browsers find what."""

from local_cloud.ground.settings import Settings

ISSUER_PATH = "/_local/issuer"
PAGE_PATH = "/_local/page"
FOR_PEOPLE = "_people"
"""In front of an API's id in the gateway's addresses: the same API, for people with tokens."""
AUDIENCE = "app"
"""of the tokens"""


def issuer(settings: Settings) -> str:
    return f"{settings.endpoint_url}{ISSUER_PATH}"


def page(settings: Settings) -> str:
    return f"{settings.endpoint_url}{PAGE_PATH}/"


def origins(settings: Settings) -> tuple[str, ...]:
    """Of the page, by either name of this machine."""
    return tuple(f"http://{host}:{settings.port}" for host in ("localhost", "127.0.0.1"))


def api_for_people(api: str) -> str:
    """api: the address that the gateway gives an API."""
    gateway, _, api_id = api.rpartition("/")
    return f"{gateway}/{FOR_PEOPLE}/{api_id}"
