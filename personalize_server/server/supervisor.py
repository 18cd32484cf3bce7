"""Keeps several processes answering requests, and runs the jobs for all of them."""

import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from personalize_server.facts.options import Options
from personalize_server.server.leader import Leader
from personalize_server.server.readiness import not_ready
from personalize_server.server.request_worker import answer_requests
from personalize_server.server.shared_metrics import forget
from personalize_server.state.store import Store

_START_SECONDS = 600.0
"""until a worker that is alive counts as one that hangs: on busy machines, starts of 60 s were seen"""
_STOP_SECONDS = 15.0
_BACK_OFF_SECONDS = 1.0
_log = logging.getLogger(__name__)


@dataclass
class _Worker:
    process: Any
    started: float


class Supervisor:
    """One worker for each of the listeners; a worker that dies is replaced."""

    def __init__(self, options: Options, listeners: Sequence[socket.socket], address: str) -> None:
        self._options = options
        self._listeners = listeners
        self._address = address
        # Children of its own: those of a fork server are lost from sight when that dies, and answer on.
        self._processes = multiprocessing.get_context("spawn")
        self._store = Store(options.state_file)
        self._leader = Leader(self._store, options)

    def run(self) -> None:
        """Until SIGTERM or Ctrl-C. Raises: OSError, if the workers do not start."""
        forget(self._options.metrics)
        self._leader.start()
        workers: list[_Worker] = []
        try:
            with _signals() as ending:
                receiver, sender = self._processes.Pipe(duplex=False)
                workers = [self._begin(number, sender) for number in range(len(self._listeners))]
                for _ in workers:
                    _wait_for_one(receiver, workers)
                print(f"listening on {self._address}", flush=True)
                self._watch(workers, sender, ending)
                self._drain(workers, ending)
        finally:
            self._end(workers)
            self._leader.close()
            self._store.close()

    def _begin(self, number: int, started: Connection) -> _Worker:
        process = self._processes.Process(
            target=answer_requests,
            args=(self._options, number, self._listeners[number], self._leader.bell, started),
        )
        process.start()
        return _Worker(process, time.monotonic())

    def _watch(self, workers: list[_Worker], started: Connection, ending: Connection) -> None:
        while True:
            dead = wait([ending, *(worker.process.sentinel for worker in workers)])
            if ending in dead:
                return
            for at, worker in enumerate(workers):
                if worker.process.sentinel in dead:
                    worker.process.join()
                    not_ready(self._options.ready, at)
                    _log.error("worker ended", extra={"worker": at, "exit_code": worker.process.exitcode})
                    if time.monotonic() - worker.started < _BACK_OFF_SECONDS:
                        time.sleep(_BACK_OFF_SECONDS)
                    workers[at] = self._begin(at, started)

    def _drain(self, workers: Sequence[_Worker], ending: Connection) -> None:
        """They answer on for a while, unless the process is asked to end once more."""
        if self._options.drain_seconds:
            ending.recv_bytes()
            for worker in workers:
                worker.process.terminate()
            wait([ending], timeout=self._options.drain_seconds)

    def _end(self, workers: Sequence[_Worker]) -> None:
        """All at once; what a worker is answering it may finish."""
        for worker in workers:
            worker.process.terminate()
        until = time.monotonic() + _STOP_SECONDS
        for worker in workers:
            worker.process.join(max(until - time.monotonic(), 0.1))
            if worker.process.is_alive():
                worker.process.kill()
                worker.process.join()


def _wait_for_one(started: Connection, workers: Sequence[_Worker]) -> None:
    """Busy machines take their time. Raises: OSError, if a worker ends instead, or seems to hang."""
    heard = wait([started, *(worker.process.sentinel for worker in workers)], timeout=_START_SECONDS)
    if started not in heard:
        raise OSError("the workers did not start" if not heard else "a worker ended before it had started")
    started.recv_bytes()


@contextmanager
def _signals() -> Iterator[Connection]:
    """Becomes readable when the process is asked to end."""
    receiver, sender = multiprocessing.Pipe(duplex=False)
    os.set_blocking(sender.fileno(), False)

    def end(*_: object) -> None:
        sender.send_bytes(b"!")

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    yield receiver
    for number, handler in before.items():
        signal.signal(number, handler)
