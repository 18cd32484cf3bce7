"""A bad way between a consumer and its stores: refuses, loses requests, loses answers. Run as a process.

python tests/app/support/event_storm/proxy.py PORT TARGET_PORT SEED FOLDER

Of the requests, shares given in the file `weather` of the folder (JSON: throttled, unsent, unheard; 0-1 each)
fail; what was done to them is appended to the file `toll`, one word a line.
"""

from __future__ import annotations

import http.client
import json
import random
import socket
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_SKIPPED = frozenset({"host", "connection", "content-length", "transfer-encoding", "expect"})
_JSON = json.dumps(
    {
        "__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException",
        "message": "Rate exceeded (injected)",
    }
).encode()
_XML = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate (injected).</Message></Error>"


def main() -> None:
    port, target, seed = (int(argument) for argument in sys.argv[1:4])
    folder = Path(sys.argv[4])
    rng = random.Random(seed)
    toll = (folder / "toll").open("a", buffering=1)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            weather = json.loads((folder / "weather").read_text())
            fate = rng.random()
            if fate < weather["throttled"]:
                self._throttle()
            elif fate < weather["throttled"] + weather["unsent"]:
                self._hang_up("unsent")
            else:
                self._forward(body, fate > 1 - weather["unheard"])

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do

        def _throttle(self) -> None:
            toll.write("throttled\n")
            table = "X-Amz-Target" in self.headers
            self._answer(400 if table else 503, {}, _JSON if table else _XML)

        def _hang_up(self, why: str) -> None:
            toll.write(f"{why}\n")
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)

        def _forward(self, body: bytes, unheard: bool) -> None:
            upstream = http.client.HTTPConnection("127.0.0.1", target, timeout=60)
            host = self.headers["Host"].partition(":")[0]
            headers = {name: value for name, value in self.headers.items() if name.lower() not in _SKIPPED}
            upstream.request(self.command, self.path, body, {**headers, "Host": f"{host}:{target}"})
            answer = upstream.getresponse()
            content = answer.read()
            upstream.close()
            if unheard:
                self._hang_up("unheard")
            else:
                self._answer(answer.status, dict(answer.getheaders()), content)

        def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in _SKIPPED:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is worth a line."""

    ThreadingHTTPServer.request_queue_size = 128
    ThreadingHTTPServer.allow_reuse_address = True
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


if __name__ == "__main__":
    main()
