"""Ports of this machine: free ones for a local cloud, and whether somebody listens on one."""

import random
import socket
from contextlib import suppress

from local_cloud.machine.ports import PortTaken, require_free


def free_ports() -> int:
    """The first of four free ports in a row, below those that outgoing connections take for themselves."""
    while True:
        first = random.randrange(20_000, 32_000)
        with suppress(PortTaken):
            require_free({str(port): port for port in range(first, first + 4)})
            return first


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
