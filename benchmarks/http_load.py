"""Load on an HTTP server from a process of its own: wrk where it is installed, else a generator on uvloop."""

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

_SCRIPT = """
local place, requests = "%s", {}
local file = io.open(place, "rb")
while true do
  local size = file:read("*n")
  if not size then break end
  file:read(1)
  requests[#requests + 1] = file:read(size)
end
local at = 0
request = function()
  at = at %% #requests + 1
  return requests[at]
end
done = function(summary, latency)
  local wrong = summary.errors.connect + summary.errors.read + summary.errors.write
    + summary.errors.status + summary.errors.timeout
  local shape = 'FIGURES{"answers":%%d,"seconds":%%f,"p50":%%f,"p99":%%f,"wrong":%%d}\\n'
  local p50, p99 = latency:percentile(50) / 1e6, latency:percentile(99) / 1e6
  io.write(string.format(shape, summary.requests, summary.duration / 1e6, p50, p99, wrong))
end
"""


@dataclass(frozen=True)
class Load:
    """`p50` and `p99` in seconds; `wrong` are answers with an error status and connections that failed."""

    answers: int
    seconds: float
    p50: float
    p99: float
    wrong: int

    @property
    def rate(self) -> float:
        return self.answers / self.seconds


def raw_request(path: str, body: bytes, headers: Sequence[tuple[str, str]] = ()) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def generator() -> str:
    return "wrk" if shutil.which("wrk") else "a generator in Python"


def load(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Load:
    """The requests again and again on so many connections, each with the next as soon as it has an answer."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "requests"
        place.write_bytes(b"".join(b"%d\n%b" % (len(request), request) for request in requests))
        if shutil.which("wrk"):
            return _wrk(port, place, connections, seconds)
        command = [sys.executable, "-m", "benchmarks.http_load", str(port), str(place)]
        done = subprocess.run(
            [*command, str(connections), str(seconds)], check=True, capture_output=True, text=True
        )
        return Load(**json.loads(done.stdout))


def _wrk(port: int, place: Path, connections: int, seconds: float) -> Load:
    script = place.with_suffix(".lua")
    script.write_text(_SCRIPT % place)
    done = subprocess.run(
        [
            *("wrk", "-t1", f"-c{connections}", f"-d{round(seconds)}", "--latency"),
            *("-s", str(script), f"http://127.0.0.1:{port}"),
        ],
        check=True,
        capture_output=True,
        text=True,
    )
    return Load(**json.loads(done.stdout.partition("FIGURES")[2]))


class _Client(asyncio.Protocol):
    """One connection; counts an answer when its head and body are in."""

    def __init__(self, requests: Sequence[bytes], start: int, times: list[float], wrong: list[int]) -> None:
        self._requests, self._at = requests, start
        self._times, self._wrong = times, wrong
        self._buffer = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, separator, body = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        size = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        if len(body) >= size:
            self._times.append(time.perf_counter() - self._sent)
            if not head.startswith(b"HTTP/1.1 200"):
                self._wrong[0] += 1
            self._buffer = body[size:]
            self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is not None:
            self._wrong[0] += 1

    def _ask(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(self._requests[self._at % len(self._requests)])
        self._at += 1


async def _drive(port: int, requests: Sequence[bytes], connections: int, seconds: float) -> Load:
    loop, times, wrong = asyncio.get_running_loop(), list[float](), [0]
    started = time.perf_counter()
    made = []
    for number in range(connections):
        start = number * len(requests) // connections
        transport, _ = await loop.create_connection(
            partial(_Client, requests, start, times, wrong), "127.0.0.1", port
        )
        made.append(transport)
    await asyncio.sleep(seconds)
    took = time.perf_counter() - started
    for transport in made:
        transport.abort()
    ranked = sorted(times)
    return Load(len(ranked), took, ranked[len(ranked) // 2], ranked[len(ranked) * 99 // 100], wrong[0])


def _read(place: Path) -> list[bytes]:
    data, at, found = place.read_bytes(), 0, []
    while at < len(data):
        end = data.index(b"\n", at)
        size = int(data[at:end])
        found.append(data[end + 1 : end + 1 + size])
        at = end + 1 + size
    return found


def main() -> None:
    import uvloop

    port, place, connections, seconds = sys.argv[1:]
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        figures = runner.run(_drive(int(port), _read(Path(place)), int(connections), float(seconds)))
    print(json.dumps(asdict(figures)))


if __name__ == "__main__":
    main()
