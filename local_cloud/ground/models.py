"""Models of services, and the names of those that moto has, are read once in a process; botocore reads its
models again for each session, and moto looks into its folder for each request.
"""

from functools import cache

import botocore.session
from moto import backends
from moto.core import utils

from local_cloud.ground.patching import replace


def share() -> None:
    """Before the first client is made."""
    for room in (botocore.session, utils):
        replace(room, "create_loader", cache(room.create_loader))
    names = frozenset(backends.list_of_moto_modules())
    replace(backends, "list_of_moto_modules", lambda: names)
