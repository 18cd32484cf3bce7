"""The process of one background job; it does not outlive the server."""

import logging
import multiprocessing
import os
import threading
from multiprocessing.connection import Connection
from typing import Any

from personalize_server.facts.failures import JobFailed
from personalize_server.jobs.kinds import JOB_KINDS
from personalize_server.jobs.logs import configure_logging

_log = logging.getLogger(__name__)


def run(kind: str, plan: Any, connection: Connection, log_level: str) -> None:
    """Carries out a job of one of the JOB_KINDS; sends ("done", result) or ("failed", reason)."""
    configure_logging(log_level)
    threading.Thread(target=die_with_parent, daemon=True).start()
    try:
        outcome: tuple[str, Any] = ("done", JOB_KINDS[kind].worked(plan))
    except JobFailed as problem:
        outcome = ("failed", str(problem))
    except MemoryError:
        outcome = ("failed", "The server ran out of memory.")
    except Exception as problem:
        _log.exception("job crashed", extra={"kind": kind})
        outcome = ("failed", f"Internal error: {type(problem).__name__}")
    connection.send(outcome)
    connection.close()


def die_with_parent() -> None:
    """Waits for the parent's end, which is then this process's; to be called in a thread."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
