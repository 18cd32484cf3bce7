"""Images on disk by what they are made of: made once, by one process, and mapped by all."""

import fcntl
import multiprocessing
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from personalize_server.answers import best_lists
from personalize_server.answers.best_lists import BestLists
from personalize_server.answers.freshness import Freshness
from personalize_server.answers.image_files import about_image, build, load
from personalize_server.answers.inference import Inference
from personalize_server.answers.inference_plan import InferencePlan
from personalize_server.answers.wanted import LOCK, Wanted
from personalize_server.facts.failures import JobFailed

Fill = Callable[[InferencePlan, Path], None]
"""lays out what a plan asks for in the folder `image` of a scratch folder"""


class Images:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes = multiprocessing.get_context("forkserver")

    def ready(self, wanted: Wanted) -> tuple[Inference, BestLists, Freshness]:
        """Takes milliseconds if the image is there, else as long as a process takes to make it."""
        folder = self.folder(wanted.image, wanted.plan, build_items)
        inference = load(wanted.plan, folder)
        freshness = Freshness(inference, folder, wanted.plan.metadata, about_image(folder)["until"])
        return inference, best_lists.load(folder, len(inference.model.item_ids)), freshness

    def folder(self, name: str, plan: InferencePlan, fill: Fill) -> Path:
        """Of an image, which is made if it is not there. Raises: JobFailed, if it cannot be made."""
        folder = self._folder / name
        if not folder.exists():
            process = self._processes.Process(target=make, args=(plan, folder, fill))
            process.start()
            process.join()
            if not folder.exists():
                raise JobFailed(f"the image {name} could not be made (exit code {process.exitcode})")
        return folder


def make(plan: InferencePlan, folder: Path, fill: Fill) -> None:
    """In a process of its own; waits for another that is making images, so that none is made twice."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder.parent):
        if folder.exists():
            return
        scratch = folder.parent / f"{uuid.uuid4().hex}.part"
        try:
            fill(plan, scratch)
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
