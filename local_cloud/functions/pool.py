"""Warm processes, kept while they are used and while they are the right ones."""

import time
from collections.abc import Callable
from threading import Condition, Event, Thread

from local_cloud.functions.process import WorkerKey, WorkerProcess

MAXIMUM_PROCESSES = 24
IDLE_SECONDS = 120.0


class PoolClosed(Exception):
    """The server is ending; nothing starts any more."""


class WorkerPool:
    def __init__(self, *, maximum: int = MAXIMUM_PROCESSES, idle_seconds: float = IDLE_SECONDS) -> None:
        self._maximum = maximum
        self._idle_seconds = idle_seconds
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        self._changed = Condition()
        self._closed = Event()
        Thread(target=self._reap, name="idle functions", daemon=True).start()

    def take(self, key: WorkerKey, start: Callable[[], WorkerProcess]) -> WorkerProcess:
        """An idle process for the key or a new one; waits while the machine has as many as it should.

        Raises: PoolClosed.
        """
        with self._changed:
            self._close_idle(
                lambda w: (w.key.function_arn == key.function_arn and w.key != key) or not w.alive
            )
            while not self._closed.is_set():
                for worker in reversed(self._idle):
                    if worker.key == key:
                        self._idle.remove(worker)
                        self._busy.add(worker)
                        return worker
                if len(self._idle) + len(self._busy) < self._maximum:
                    worker = start()
                    self._busy.add(worker)
                    return worker
                if self._idle:
                    oldest = min(self._idle, key=lambda w: w.idle_since)
                    self._close_idle(lambda w, oldest=oldest: w is oldest)  # type: ignore[misc]
                else:
                    self._changed.wait()
            raise PoolClosed

    def give_back(self, worker: WorkerProcess) -> None:
        with self._changed:
            self._busy.discard(worker)
            if worker.alive and not self._closed.is_set():
                self._idle.append(worker)
            else:
                worker.close()
            self._changed.notify()

    def retire(self, function_arn: str) -> None:
        """The function is gone: so are its idle processes."""
        with self._changed:
            self._close_idle(lambda worker: worker.key.function_arn == function_arn)

    def lose(self, region: str) -> None:
        """Nothing of the region runs any more; whoever waits for an answer hears that its process is gone."""
        with self._changed:
            for worker in self._busy:
                if worker.key.region == region:
                    worker.stop()
            self._close_idle(lambda worker: worker.key.region == region)
            self._changed.notify_all()

    def close(self) -> None:
        self._closed.set()
        with self._changed:
            for worker in self._busy:
                worker.stop()
            self._close_idle(lambda _: True)
            self._changed.notify_all()

    def _close_idle(self, unwanted: Callable[[WorkerProcess], bool]) -> None:
        for worker in [worker for worker in self._idle if unwanted(worker)]:
            self._idle.remove(worker)
            worker.close()

    def _reap(self) -> None:
        while not self._closed.wait(min(5.0, self._idle_seconds)):
            oldest = time.monotonic() - self._idle_seconds
            with self._changed:
                self._close_idle(lambda worker: worker.idle_since < oldest)  # noqa: B023
