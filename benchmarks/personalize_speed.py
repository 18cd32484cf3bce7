"""GetRecommendations against a bare uvicorn that answers the same bytes, in turn: the ratios of one run.

What the machine does besides weighs on both. Also told: processor time of those that answer, a request.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.bare_answers import BODY, HEADERS
from benchmarks.http_load import Load, generator, load
from benchmarks.personalize_model import Deployed, deployed_in
from benchmarks.personalize_process import ServerProcess
from benchmarks.personalize_server import ask_for, shuffled_users
from tests.personalize_server.support.processes import free_port

_HOP = {"connection", "content-length", "date"}
_START_SECONDS = 60.0


@dataclass(frozen=True)
class Turn:
    load: Load
    cpu: float
    """seconds of all processes that answer"""

    @property
    def microseconds(self) -> float:
        """of processor time a request"""
        return self.cpu / self.load.answers * 1e6


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="keep the server's folder here and use it again")
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with ExitStack() as stack:
        data = asked.data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="speed-")))
        deployed = deployed_in(data)
        server = stack.enter_context(ServerProcess(data, "--workers", str(asked.workers)))
        plain = _requests(deployed, filtered=False)
        bare_port, bare_pid = stack.enter_context(_bare(server.port, plain[0], asked.workers))
        turns: dict[str, Callable[[], Turn]] = {
            name: _turns(port, pid, requests, asked)
            for name, port, pid, requests in (
                ("bare uvicorn", bare_port, bare_pid, plain),
                ("no filter", server.port, server.pid, plain),
                ("filter on", server.port, server.pid, _requests(deployed, filtered=True)),
            )
        }
        for turn in turns.values():
            turn()
        rounds = [{name: turn() for name, turn in turns.items()} for _ in range(asked.rounds)]
    print(f"load by {generator()}, {asked.connections} connections, {asked.workers} workers each")
    _report(rounds)
    return 0


def _requests(deployed: Deployed, *, filtered: bool) -> list[bytes]:
    return [ask_for(deployed, user, filtered=filtered) for user in shuffled_users(deployed)]


def _turns(port: int, pid: int, requests: Sequence[bytes], asked: argparse.Namespace) -> Callable[[], Turn]:
    def turn() -> Turn:
        before = _cpu(pid)
        figures = load(port, requests, connections=asked.connections, seconds=asked.seconds)
        assert not figures.wrong, figures
        return Turn(figures, _cpu(pid) - before)

    return turn


def _cpu(pid: int) -> float:
    whole = psutil.Process(pid)
    return sum(sum(one.cpu_times()[:2]) for one in (whole, *whole.children(recursive=True)))


@contextmanager
def _bare(port: int, request: bytes, workers: int) -> Iterator[tuple[int, int]]:
    """Port and process of a uvicorn that answers what the server on `port` answers to the request."""
    with tempfile.TemporaryDirectory() as folder:
        body, headers = Path(folder) / "body", Path(folder) / "headers"
        asked = urllib.request.Request(
            f"http://127.0.0.1:{port}/recommendations", request.partition(b"\r\n\r\n")[2], method="POST"
        )
        with urllib.request.urlopen(asked, timeout=_START_SECONDS) as answer:
            body.write_bytes(answer.read())
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
        content_length = {"content-length": str(body.stat().st_size)}
        lines = [f"{name}: {value}\n" for name, value in {**kept, **content_length}.items()]
        headers.write_text("".join(lines))
        own = free_port()
        command = [
            *(sys.executable, "-m", "uvicorn", "--factory", "benchmarks.bare_answers:app"),
            *("--port", str(own), "--workers", str(workers), "--loop", "uvloop", "--http", "httptools"),
            *("--no-access-log", "--no-server-header", "--log-level", "error"),
        ]
        environment = {**os.environ, BODY: str(body), HEADERS: str(headers)}
        process = subprocess.Popen(command, env=environment)
        try:
            _wait_for(own)
            yield own, process.pid
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int) -> None:
    """Raises: RuntimeError, if nobody answers."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", b"{}", timeout=5).close()
            return
        except urllib.error.URLError:
            time.sleep(0.05)
    raise RuntimeError("uvicorn does not answer")


def _report(rounds: Sequence[dict[str, Turn]]) -> None:
    """Medians of the rounds; a ratio is that of each round."""
    print(
        "| | a second | of bare uvicorn's | p99, ms | processor time a request, us |\n|---|---|---|---|---|"
    )
    for name in rounds[0]:
        found = [turns[name] for turns in rounds]
        ratio = statistics.median(t[name].load.rate / t["bare uvicorn"].load.rate for t in rounds)
        rate, p99 = (
            statistics.median(map(figure, found))
            for figure in (lambda turn: turn.load.rate, lambda turn: turn.load.p99 * 1000)
        )
        cpu = statistics.median(turn.microseconds for turn in found)
        print(f"| {name} | {rate:,.0f} | {ratio:.3f} | {p99:.1f} | {cpu:.0f} |")


if __name__ == "__main__":
    sys.exit(main())
