"""HTTP connections whose plain, small requests may be answered without going through ASGI."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from personalize_server.wire.body_room import SMALL
from personalize_server.wire.http_protocol import GuardedProtocol
from personalize_server.wire.protocols import Response

Answer: TypeAlias = Callable[[Mapping[bytes, bytes], bytes], Response | None]
"""from headers by lower-case name and the body; None: the application has to be asked"""
_ODD = (b"transfer-encoding", b"expect", b"upgrade")
_NO_PARTS: list[bytes] = []


class DirectProtocol(GuardedProtocol):
    """Asks what `at_once` of the application has for a method and target, if it has anything.

    ASGI costs a task and several messages for each request, which is most of what a small one takes. What is
    not plain, or comes before an earlier request has been answered, goes that way all the same.
    """

    _headers: Mapping[bytes, bytes] | None = None
    """of a request whose body is awaited here"""
    _parts = _NO_PARTS
    _first = False
    _date: tuple[Any, bytes] = (None, b"")

    def __init__(self, *configured: Any, **more: Any) -> None:
        super().__init__(*configured, **more)
        self._answers: Mapping[tuple[bytes, bytes], Answer] = getattr(self.app, "at_once", {})

    def data_received(self, data: bytes) -> None:
        self._first = True
        super().data_received(data)

    def on_headers_complete(self) -> None:
        key = (self.parser.get_method(), self.url)
        if key in self._answers and self._is_plain():
            self._reading_head, self._parts, self._answer = False, [], self._answers[key]
        else:
            self._headers = None
            super().on_headers_complete()
        self._first = False

    def on_body(self, body: bytes) -> None:
        if self._headers is None:
            super().on_body(body)
        else:
            self._parts.append(body)

    def on_message_complete(self) -> None:
        headers = self._headers
        if headers is None:
            super().on_message_complete()
            return
        response = self._answer(headers, b"".join(self._parts))
        if response is None:
            self._hand_over()
            super().on_message_complete()
            return
        self._headers, self._reading_since = None, None
        self._write(response)

    def shutdown(self) -> None:
        """What has been begun is still answered."""
        if self._headers is not None:
            self._hand_over()
        super().shutdown()

    def _is_plain(self) -> bool:
        """One request alone, whose body is small and of a known size."""
        if not self._first or self.pipeline or self._owes_answer() or self.flow.write_paused:
            return False
        headers = dict(self.headers)
        self._headers = headers
        return (
            len(headers) == len(self.headers)
            and b"host" in headers
            and not any(name in headers for name in _ODD)
            and 0 < int(headers.get(b"content-length", 0)) <= SMALL
            and self.parser.get_http_version() == "1.1"
            and not self.transport.is_closing()
        )

    def _hand_over(self) -> None:
        """To the application."""
        self._headers = None
        super().on_headers_complete()
        if self._parts:
            super().on_body(b"".join(self._parts))

    def _write(self, response: Response) -> None:
        keeps = self.parser.should_keep_alive()
        parts = [STATUS_LINE[response.status], self._common_headers()]
        for name, value in response.headers:
            parts += (name, b": ", value, b"\r\n")
        parts.append(b"content-length: %d\r\n" % len(response.body))
        parts += (b"\r\n" if keeps else b"connection: close\r\n\r\n", response.body)
        self.transport.write(b"".join(parts))
        if not keeps:
            self.transport.close()
        self.on_response_complete()

    def _common_headers(self) -> bytes:
        """uvicorn has a new list of them every second."""
        headers = self.server_state.default_headers
        if self._date[0] is not headers:
            lines = b"".join(b"%b: %b\r\n" % header for header in headers)
            DirectProtocol._date = (headers, lines)
        return self._date[1]
