"""The clock of metric attributions: reports are made in a process of its own whenever some are due."""

import logging
import multiprocessing
import threading
import time
from contextlib import closing
from typing import Any

from personalize_server.facts.options import Options
from personalize_server.jobs.job_process import die_with_parent
from personalize_server.jobs.logs import configure_logging
from personalize_server.state.attribution_ledger import is_work_due
from personalize_server.state.store import Store

_MOST_SECONDS = 60.0
"""between two looks at what is due, and two attempts to publish a report"""
_log = logging.getLogger(__name__)


class Reporter:
    """A thread of the process that does what is to be done once for all."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._options = options
        self._processes = multiprocessing.get_context("forkserver")
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="reporter", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """A report that is being made is made again after the next start."""
        self._over.set()
        self._thread.join()

    def _look_on(self) -> None:
        period = self._options.attribution_period
        while not self._over.wait(min(period, _MOST_SECONDS)):
            began = time.time() // period * period
            try:
                if is_work_due(self._store, began):
                    self._report(began)
            except Exception:
                _log.exception("reports not made")

    def _report(self, began: float) -> None:
        process: Any = self._processes.Process(target=_run, args=(self._options, began), daemon=True)
        process.start()
        while process.is_alive() and not self._over.is_set():
            process.join(0.1)
        process.kill()
        process.join()


def _run(options: Options, began: float) -> None:
    configure_logging(options.log_level)
    threading.Thread(target=die_with_parent, daemon=True).start()
    from personalize_server.attribution.reporting import (
        report,  # heavy, and loaded already in the process this one is forked from
    )

    with closing(Store(options.state_file)) as store:
        report(store, options, began)
