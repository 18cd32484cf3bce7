"""Models of services are read once in a process; botocore and moto read them again for each session."""

from functools import cache

import botocore.session
from moto.core import utils

from local_cloud.ground.patching import replace


def share() -> None:
    """Before the first client is made."""
    for room in (botocore.session, utils):
        replace(room, "create_loader", cache(room.create_loader))
