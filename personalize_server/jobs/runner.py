"""Runs background jobs, at most so many at once, each in a process of its own forked from a warm one."""

import logging
import multiprocessing
import shutil
import threading
import time
import uuid
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from personalize_server.facts.options import Options
from personalize_server.jobs.job_process import run
from personalize_server.jobs.kinds import JOB_KINDS
from personalize_server.state.garbage import collect_garbage
from personalize_server.state.store import Record, Store

_ATTEMPTS = 3
_IDLE_SECONDS, _SOON_SECONDS = 60.0, 1.0
"""between two looks at what waits; and where something could not be started"""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Job:
    arn: str
    kind: str
    process: Any
    connection: Connection
    scratch: Path
    reads: frozenset[Path]
    """folders of data and models"""
    started: float


class Runner:
    """A thread that takes queued work from the store and records how it ended."""

    def __init__(self, store: Store, options: Options) -> None:
        self._store = store
        self._options = options
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["personalize_server.jobs.warm"])
        self._bell, self._ear = multiprocessing.Pipe()
        self._jobs: dict[str, _Job] = {}
        self._closing = self._put_off = False
        self._thread = threading.Thread(target=self._loop, name="runner", daemon=True)

    def start(self) -> None:
        self._recover()
        self._thread.start()

    @property
    def bell(self) -> Connection:
        """Other processes wake the runner by sending something."""
        return self._bell

    def wake(self) -> None:
        ring(self._bell)

    def close(self) -> None:
        """Running jobs are stopped; the next start runs them again."""
        self._closing = True
        self.wake()
        self._thread.join()

    def _recover(self) -> None:
        """After a crash: what was running starts again, or fails if that was tried often enough."""
        for record in self._store.with_work("running", "stopping"):
            if record.work == "stopping":
                self._store.update(record.changed(self._store.now(), work="stopped"))
            elif record.own.get("attempts", 0) >= _ATTEMPTS:
                reason = f"The server stopped {_ATTEMPTS} times while working on this."
                self._store.update(record.changed(self._store.now(), work="failed", failure=reason))
            else:
                self._store.update(record.changed(self._store.now(), work="queued"))
        collect_garbage(self._store, self._options)

    def _loop(self) -> None:
        while not self._closing:
            try:
                self._stop_unwanted()
                self._start_queued()
                self._wait()
            except Exception:
                _log.exception("runner failed")
                time.sleep(1)
        for job in self._jobs.values():
            self._kill(job)

    def _start_queued(self) -> None:
        self._put_off = False
        ahead = {_turn(record) for record in self._store.with_work("running", "stopping")}
        for record in self._store.with_work("queued"):
            if len(self._jobs) >= self._options.jobs:
                return
            kind, group = turn = _turn(record)
            waits = any((other, group) in ahead for other in JOB_KINDS[kind].waits_for)
            if record.arn not in self._jobs and not waits:
                self._begin(record)
            ahead.add(turn)

    def _begin(self, record: Record) -> None:
        scratch = self._options.scratch / uuid.uuid4().hex
        self._options.scratch.mkdir(parents=True, exist_ok=True)
        with self._store.transaction():
            current = self._store.get(record.arn)
            if current is None or current.work != "queued":
                return
            attempts = current.own.get("attempts", 0) + 1
            record = current.changed(
                self._store.now(), work="running", own={**current.own, "attempts": attempts}
            )
            self._store.update(record)
            try:
                plan = JOB_KINDS[record.kind].planned(self._store, self._options, record, scratch)
            except Exception as problem:
                _log.exception("job not started", extra={"arn": record.arn})
                reason = f"Internal error: {problem}"
                self._store.update(record.changed(self._store.now(), work="failed", failure=reason))
                return
        try:
            self._jobs[record.arn] = self._started(record, plan, scratch)
        except Exception:
            _log.exception("job not started, it waits on", extra={"arn": record.arn})
            self._put_back(record)
            self._put_off = True
            return
        _log.info("job started", extra={"arn": record.arn, "attempt": attempts})

    def _started(self, record: Record, plan: Any, scratch: Path) -> _Job:
        """`plan` is what the kind of job has planned. Raises: OSError, if there is no room for a process."""
        receiver, sender = self._processes.Pipe(duplex=False)
        try:
            with sender:
                process = self._processes.Process(
                    target=run, args=(record.kind, plan, sender, self._options.log_level), daemon=True
                )
                process.start()
        except BaseException:
            receiver.close()
            raise
        reads = folders_in(plan, self._options)
        return _Job(record.arn, record.kind, process, receiver, scratch, reads, time.monotonic())

    def _put_back(self, record: Record) -> None:
        """Queued as before, without an attempt; unless it is to be stopped."""
        with self._store.transaction():
            current = self._store.get(record.arn)
            if current is not None and current.work == "running":
                own = {**current.own, "attempts": record.own["attempts"] - 1}
                self._store.update(current.changed(self._store.now(), work="queued", own=own))

    def _wait(self) -> None:
        seconds = _SOON_SECONDS if self._put_off else _IDLE_SECONDS
        ready = wait([self._ear, *(job.connection for job in self._jobs.values())], timeout=seconds)
        if self._ear in ready:
            while self._ear.poll():
                self._ear.recv_bytes()
        for job in list(self._jobs.values()):
            if job.connection in ready:
                self._end(job)

    def _end(self, job: _Job) -> None:
        try:
            state, value = job.connection.recv()
        except EOFError:
            job.process.join()
            state, value = (
                "failed",
                f"The worker process ended unexpectedly (exit code {job.process.exitcode}).",
            )
        self._forget(job)
        try:
            self._record(job, state, value)
        except Exception as problem:
            _log.exception("result not recorded", extra={"arn": job.arn})
            self._record(job, "failed", f"Internal error: {problem}")
        if state == "done":
            JOB_KINDS[job.kind].followed(self._store, self._options)
        seconds = round(time.monotonic() - job.started, 3)
        reason = value if state == "failed" else None
        _log.info("job ended", extra={"arn": job.arn, "state": state, "reason": reason, "seconds": seconds})
        self._tidy(job)

    def _record(self, job: _Job, state: str, value: Any) -> None:
        with self._store.transaction():
            record = self._store.get(job.arn)
            if record is None:
                return
            if record.work == "stopping":
                self._store.update(record.changed(self._store.now(), work="stopped"))
            elif state == "failed":
                self._store.update(record.changed(self._store.now(), work="failed", failure=value))
            else:
                JOB_KINDS[record.kind].finished(self._store, self._options, record, value, job.scratch)

    def _stop_unwanted(self) -> None:
        for record in self._store.with_work("stopping"):
            job = self._jobs.get(record.arn)
            if job is not None:
                self._kill(job)
                self._forget(job)
                self._tidy(job)
            self._store.update(record.changed(self._store.now(), work="stopped"))
            _log.info("job stopped", extra={"arn": record.arn})
        for job in list(self._jobs.values()):
            if self._store.get(job.arn) is None:
                self._kill(job)
                self._forget(job)
                self._tidy(job)

    def _tidy(self, job: _Job) -> None:
        shutil.rmtree(job.scratch, ignore_errors=True)
        running = self._jobs.values()
        kept = {path for other in running for path in (other.scratch, *other.reads)}
        collect_garbage(self._store, self._options, kept)

    def _kill(self, job: _Job) -> None:
        job.process.kill()
        job.process.join()

    def _forget(self, job: _Job) -> None:
        self._jobs.pop(job.arn, None)
        job.connection.close()
        job.process.join()


def folders_in(plan: Any, options: Options) -> frozenset[Path]:
    """Those of data and models that are named anywhere in JSON values."""
    match plan:
        case str() if Path(plan).parent in (options.datasets, options.models):
            return frozenset((Path(plan),))
        case dict():
            return frozenset().union(*(folders_in(entry, options) for entry in plan.values()))
        case list():
            return frozenset().union(*(folders_in(entry, options) for entry in plan))
    return frozenset()


def _turn(record: Record) -> tuple[str, str | None]:
    """The kind and the dataset group of a job."""
    return record.kind, record.links.get("datasetGroupArn")


def ring(bell: Connection) -> None:
    bell.send_bytes(b"!")
