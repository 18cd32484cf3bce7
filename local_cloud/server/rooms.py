"""Which rooms the server has, and how they are put into moto."""

import importlib
import os
from collections.abc import Callable
from contextlib import ExitStack

from local_cloud.ground.settings import DEFAULT_ACCOUNT, Settings

# Regions and the judge first: others ask them. The interpreter next: it must replace how moto's makes its
# clients before that is imported.
ROOMS = (
    "regions",
    "judge",
    "interpreter",
    "functions",
    "queues",
    "storage",
    "replication",
    "cloudformation",
    "defaults",
    "events",
    "mail",
    "gateway",
)


def install(settings: Settings) -> Callable[[], None]:
    """Put every room's patches into moto, once per process; returns what ends the rooms' processes."""
    environment = settings.environment() | {
        "MOTO_PORT": str(settings.port),
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    }
    if settings.account != DEFAULT_ACCOUNT:
        environment["MOTO_ACCOUNT_ID"] = settings.account
    os.environ.update(environment)
    with ExitStack() as closing:
        for name in ROOMS:
            close = importlib.import_module(f"local_cloud.{name}").install(settings)
            if close is not None:
                closing.callback(close)
        return closing.pop_all().close
