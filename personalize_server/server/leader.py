"""What one process does for all: runs the jobs, and whatever happens because of the time alone."""

import logging
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection

from personalize_server.answers.wanted import sweep_unused_images
from personalize_server.facts.options import Options
from personalize_server.jobs.attribution_reporter import Reporter
from personalize_server.jobs.auto_training import train_what_is_due
from personalize_server.jobs.runner import Runner
from personalize_server.operations.retraining import retrain_what_is_due
from personalize_server.state.context import Caller, Context, no_wake
from personalize_server.state.store import Store

_TICK_SECONDS = 60.0
_SHORTEST_TICK = 1.0
_log = logging.getLogger(__name__)


class Leader:
    def __init__(self, store: Store, options: Options, clock: Callable[[], float] | None = None) -> None:
        self._store = store
        self._options = options
        self._now = clock or store.now
        self._runner = Runner(store, options)
        self._reporter = Reporter(store, options)
        self._over = threading.Event()
        self._clock = threading.Thread(target=self._tick_on, name="clock", daemon=True)

    @property
    def bell(self) -> Connection:
        """What other processes ring to wake the runner; see runner.ring."""
        return self._runner.bell

    def start(self) -> None:
        self._runner.start()
        self._reporter.start()
        self._clock.start()

    def wake(self) -> None:
        self._runner.wake()

    def close(self) -> None:
        """Running jobs are stopped; the next start runs them again."""
        self._over.set()
        self._reporter.close()
        self._runner.close()
        self._clock.join()

    def _tick_on(self) -> None:
        """At once, for what came due while there was no server, then every minute, in a rehearsal oftener."""
        pause = max(min(self._options.timing.scheduled(_TICK_SECONDS), _TICK_SECONDS), _SHORTEST_TICK)
        while True:
            try:
                self._tick()
            except Exception:
                _log.exception("tick failed")
            if self._over.wait(pause):
                return

    def _tick(self) -> None:
        caller = Caller(self._options.account, self._options.region)
        context = Context(caller, self._store, self._options, self._now(), no_wake)
        started = train_what_is_due(context)
        with self._store.transaction():
            started += retrain_what_is_due(context)
        if started:
            self.wake()
        sweep_unused_images(context)
