"""Images on disk by what they are made of: made once, by one process, and mapped by all."""

import fcntl
import logging
import multiprocessing
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from personalize_server.answers import best_lists
from personalize_server.answers.best_lists import BestLists
from personalize_server.answers.freshness import Freshness
from personalize_server.answers.image_files import about_image, build, load
from personalize_server.answers.inference import Inference
from personalize_server.answers.inference_plan import InferencePlan
from personalize_server.answers.wanted import LOCK, SEAL, Wanted, plan_of_image
from personalize_server.disk.checksums import seal, sealed
from personalize_server.disk.leases import held
from personalize_server.facts.failures import Damaged, JobFailed
from personalize_server.facts.options import Options

Fill = Callable[[InferencePlan, Path], None]
"""lays out what a plan asks for in the folder `image` of a scratch folder"""
_log = logging.getLogger(__name__)


class Images:
    def __init__(self, options: Options) -> None:
        self._folder = options.images
        self._leases = options.leases
        self._processes = multiprocessing.get_context("forkserver")
        self._loaded: WeakValueDictionary[str, Inference] = WeakValueDictionary()
        """by image: campaigns of the same version and data share what they answer from"""
        self._lists: WeakValueDictionary[str, BestLists] = WeakValueDictionary()
        self._making: set[Any] = set()
        """processes that make images"""

    def close(self) -> None:
        """Nobody waits for images any more: those that are being made are given up."""
        for process in list(self._making):
            process.kill()

    def ready(self, wanted: Wanted) -> tuple[Inference, BestLists, Freshness]:
        """Takes milliseconds if the image is there, else as long as a process takes to make it.

        Raises: JobFailed, if it cannot be made; Damaged, if the model is.
        """
        folder = self.folder(wanted.image, wanted.plan, build_items)
        inference = self._loaded.get(folder.name)
        if inference is None:
            inference = self._loaded[folder.name] = load(wanted.plan, folder, verify=True)
        lists = self._lists.get(folder.name)
        if lists is None:
            lists = self._lists[folder.name] = best_lists.load(folder, len(inference.model.item_ids))
        freshness = Freshness(inference, folder, wanted.plan.metadata, about_image(folder)["until"])
        return inference, lists, freshness

    def has(self, wanted: Wanted) -> bool:
        return (self._folder / wanted.image).exists()

    def last(self, wanted: Wanted) -> Wanted:
        """What is wanted, or else the same by earlier imports, of which there is an image already."""
        if self.has(wanted):
            return wanted
        found = []
        for path in self._folder.glob(f"*/{SEAL}"):
            plan = plan_of_image(path.parent)
            if plan is not None and plan.without_imports() == wanted.plan.without_imports():
                older = replace(wanted, plan=plan)
                if older.image == path.parent.name:
                    with suppress(FileNotFoundError):
                        found.append((path.stat().st_mtime_ns, older))
        return max(found, key=lambda entry: entry[0])[1] if found else wanted

    def folder(self, name: str, plan: InferencePlan, fill: Fill) -> Path:
        """Of an image, which is made if it is not there as it was. Raises: JobFailed, if it cannot be."""
        folder = self._folder / name
        if not intact(folder):
            with held(self._leases, plan.folders()):
                receiver, sender = self._processes.Pipe(duplex=False)
                with receiver:
                    with sender:
                        process = self._processes.Process(target=make, args=(plan, folder, fill, sender))
                        process.start()
                    self._making.add(process)
                    try:
                        reason = receiver.recv()
                    except EOFError:
                        process.join()
                        reason = f"the process that was to make its image ended with {process.exitcode}"
                    finally:
                        self._making.discard(process)
                process.join()
            if reason is not None:
                raise JobFailed(reason)
        return folder


def intact(folder: Path) -> bool:
    """Is the image as it was made?"""
    try:
        sealed(folder, SEAL)
    except Damaged as problem:
        if folder.exists():
            _log.warning("an image is made anew", extra={"reason": str(problem)})
        return False
    return True


def make(plan: InferencePlan, folder: Path, fill: Fill, told: Connection) -> None:
    """In a process of its own; waits for another that is making images, so that none is made twice.

    Sends None, or why it could not.
    """
    reason = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.parent):
            if not intact(folder):
                _make(plan, folder, fill)
    except JobFailed as problem:
        reason = str(problem)
    except MemoryError:
        reason = "The server ran out of memory."
    except OSError as problem:
        reason = f"Its image could not be written ({problem.strerror or problem})."
    except Exception as problem:
        _log.exception("image not made")
        reason = f"Its image could not be made ({type(problem).__name__})."
    with suppress(OSError):  # whoever has asked may be gone
        told.send(reason)


def _make(plan: InferencePlan, folder: Path, fill: Fill) -> None:
    scratch = folder.parent / f"{uuid.uuid4().hex}.part"
    try:
        fill(plan, scratch)
        seal(scratch / "image", SEAL, {"plan": plan.as_json()})
        if folder.exists():
            folder.rename(scratch / "damaged")
        (scratch / "image").rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def build_items(plan: InferencePlan, scratch: Path) -> None:
    build(plan, plan.sources(scratch / "put"), scratch / "image")
    best_lists.store(load(plan, scratch / "image"), scratch / "image")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
