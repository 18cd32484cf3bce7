"""HTTP connections that neither grow without end nor stay open for those who send nothing."""

from collections.abc import Iterable
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD_BYTES = 65_536
"""request line and headers"""
_MOST_WAITING = 100
"""requests that a client may send before the first of them is answered"""


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, with limits to what a client may send before it has an answer."""

    _reading_since: float | None = None
    _writing_since: float | None = None
    _idle_since: float | None = None
    _began = False
    _floods = False
    _answering: Any = None

    def connection_made(self, transport: Any) -> None:
        self._begin()
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._began = False
        super().data_received(data)
        if self._reading_head and not self._began:  # else how much of it is the head's is not known
            self._head_bytes += len(data)
            if self._head_bytes > MOST_HEAD_BYTES and not self.transport.is_closing():
                self._refuse_head()

    def on_message_begin(self) -> None:
        self._began = True
        self._begin()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Counts the head's bytes. Raises: ValueError, for too many; the parser then ends the connection."""
        self._named_bytes += len(name) + len(value)
        if self._named_bytes > MOST_HEAD_BYTES:
            raise ValueError("the head of a request is too large")
        if self._reading_head:  # what follows a body in chunks is no head, whatever it is called
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Counts who waits on the connection. Raises: ValueError, for too many; the parser then ends it."""
        self._reading_head = False
        if len(self.pipeline) >= _MOST_WAITING:
            self._floods = True
            raise ValueError("too many requests wait for answers on one connection")
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """As uvicorn's, without a timer for each answer: `close_late` looks after those who say no more."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        if not self.pipeline:
            self._idle_since = self.loop.time()
            self.flow.resume_reading()
            return
        cycle, app = self.pipeline.pop()
        self._start_asgi_task(cycle, app)
        if not self.pipeline:
            self.flow.resume_reading()

    def on_message_complete(self) -> None:
        self._reading_since = None
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        if self._floods or self.pipeline or (self._reading_head and self._owes_answer()):
            self._leave()  # what is said now would be taken for the answer of an earlier request
        elif self._named_bytes > MOST_HEAD_BYTES:
            self._refuse_head()
        else:
            super().send_400_response(msg)

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """Who has sent whole requests and will send no more still gets the answers."""
        if self._reading_since is not None or not self._owes_answer():
            return None
        self.cycle.keep_alive = False
        return True

    def pause_writing(self) -> None:
        self._writing_since = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        self._writing_since = None
        super().resume_writing()

    def idles_since(self, time: float) -> bool:
        """Whether nothing has been asked on it since this time, and all that was has been answered."""
        return self._idle_since is not None and self._idle_since < time

    def waits_since(self, time: float) -> bool:
        """Whether its client has been sending a request, or not taking an answer, since this time."""
        return any(since is not None and since < time for since in (self._reading_since, self._writing_since))

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def end(self) -> None:
        if self._writing_since is None:
            self.transport.close()
        else:
            self._leave()  # what is to be written would be waited for

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._answering = cycle
        super()._start_asgi_task(cycle, app)

    def _owes_answer(self) -> bool:
        return self._answering is not None and not self._answering.response_complete

    def _leave(self) -> None:
        self._forget()
        self.transport.abort()

    def _forget(self) -> None:
        """What is still being answered has nobody to be written to."""
        self.pipeline.clear()
        if self._answering is not None:
            self._answering.disconnected = True

    def _begin(self) -> None:
        self._reading_since, self._idle_since = self.loop.time(), None
        self._reading_head = True
        self._head_bytes = self._named_bytes = 0

    def _refuse_head(self) -> None:
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        )
        self.transport.close()


def close_late(connections: Iterable[Any], since: float, idle_since: float) -> None:
    """Ends connections whose clients have been sending a request, or not taking an answer, since then.

    And those on which nothing has been asked since `idle_since`.
    """
    for connection in list(connections):
        if connection.waits_since(since) or connection.idles_since(idle_since):
            connection.end()
