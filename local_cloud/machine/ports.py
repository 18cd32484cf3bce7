"""Whether a port can be had, and who has it."""

import socket

import psutil

HOST = "127.0.0.1"


class PortTaken(RuntimeError):
    """Something else listens there."""


def require_free(ports: dict[str, int]) -> None:
    """`ports`: by what they are for. Raises: PortTaken, with who has it."""
    for purpose, port in ports.items():
        if not _free(port):
            owner = _owner(port)
            raise PortTaken(
                f"port {port}, meant for {purpose}, is taken{f' by {owner}' if owner else ''}; "
                "stop that or choose others with --port N (N to N+3 are used)"
            )


def _free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _owner(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
                return f"process {connection.pid} ({psutil.Process(connection.pid).name()})"
    except psutil.Error:
        pass
    return ""
