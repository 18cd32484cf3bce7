"""HTTP connections that neither grow without end nor stay open for those who send nothing."""

from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 65_536
"""request line and headers"""


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with limits to what a client may send before it has an answer."""

    _reading_since: float | None = None

    def connection_made(self, transport: Any) -> None:
        self._begin()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._reading_head:
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self._refuse_head()

    def on_message_begin(self) -> None:
        self._begin()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._named_bytes += len(name) + len(value)
        if self._named_bytes > MOST_HEAD_BYTES:
            raise ValueError("the head of a request is too large")
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._reading_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._reading_since = None
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._named_bytes > MOST_HEAD_BYTES:
            self._refuse_head()
        else:
            super().send_400_response(msg)

    def reads_since(self, time: float) -> bool:
        """Whether it has been waiting since this time (of the event loop) for a request to be complete."""
        return self._reading_since is not None and self._reading_since < time

    def _begin(self) -> None:
        self._reading_since = self.loop.time()
        self._reading_head = True
        self._head_bytes = self._named_bytes = 0

    def _refuse_head(self) -> None:
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
        self.transport.close()


def close_late(connections: Iterable[Any], since: float) -> None:
    """Ends connections whose clients have taken longer than that to send a request."""
    for connection in [connection for connection in connections if connection.reads_since(since)]:
        connection.transport.close()
