"""Hostile requests as bytes on a connection, and a judge of how a server takes them."""

import contextlib
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from personalize_server.facts.service_model import CONTROL, operations

SILENCE = b"neither an answer nor the end of the connection"
Requests: TypeAlias = Mapping[str, Mapping[str, Any]]


class Hostile(NamedTuple):
    """What is written on a fresh connection, in pieces with pauses (seconds) between them."""

    kind: str
    pieces: tuple[bytes, ...]
    pause: float = 0.0
    half_close: bool = False


@dataclass
class Verdict:
    """How many requests of each kind ended how; `failures` are those that a server must not end so."""

    endings: dict[tuple[str, str], int] = field(default_factory=dict)
    failures: list[tuple[Hostile, bytes]] = field(default_factory=list)

    def add(self, request: Hostile, answer: bytes) -> None:
        if answer.startswith(b"HTTP/1.1 "):
            ending = "absent" if b"\nx-amzn-errortype: NotImpl" in answer else answer[9:12].decode("latin-1")
        else:
            ending = "not HTTP" if answer else "closed"
        if ending.startswith("5") or ending == "not HTTP":
            self.failures.append((request, answer))
        self.endings[request.kind, ending] = self.endings.get((request.kind, ending), 0) + 1


def send(address: tuple[str, int], request: Hostile, timeout: float = 20.0) -> bytes:
    """The head of the first answer; empty: the connection was closed without one; SILENCE: it was not."""
    with socket.create_connection(address, timeout=timeout) as connection:
        with contextlib.suppress(OSError):  # closed or reset: whether there is an answer is seen below
            for number, piece in enumerate(request.pieces):
                if number and request.pause:
                    time.sleep(request.pause)
                connection.sendall(piece)
            if request.half_close:
                connection.shutdown(socket.SHUT_WR)
        try:
            return connection.recv(4096)
        except ConnectionResetError:
            return b""
        except TimeoutError:
            return SILENCE


def http(name: str, body: bytes, *more: bytes) -> bytes:
    """A well-formed request of an operation, whatever its body is."""
    operation = operations()[name]
    path = "/" if operation.service == CONTROL else operation.model.http["requestUri"]
    lines = [
        *(f"POST {path} HTTP/1.1".encode(), b"host: localhost", b"connection: close"),
        *([f"x-amz-target: AmazonPersonalize.{name}".encode()] if operation.service == CONTROL else []),
        *(f"content-length: {len(body)}".encode(), *more),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
