"""The stored models that a warm function has at hand: each use case's of the generation that readers see."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import engine
from engine.ground.errors import ArtifactError
from engine.ground.vocabulary import lookup
from pipeline import keys
from pipeline.errors import ObjectMissing
from pipeline.own import files
from pipeline.own.refusals import ModelDamaged
from pipeline.serving.settings import OWN
from pipeline.storage import Bucket

FOLDER = Path(tempfile.gettempdir()) / "own-realtime"
RETRY_SECONDS = 30.0
"""Between two attempts to fetch a model that could not be fetched."""


@dataclass(frozen=True)
class Kept:
    model: engine.Model
    generation: str


@dataclass
class _Place:
    kept: Kept | None = None
    loading: Future[Kept] | None = None
    tried: str | None = None
    tried_at: float = 0.0
    problem: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Models:
    """Of one process. folder: keeps one file per use case. told: hears why a model could not be fetched.
    `clock` is monotonic, in seconds.
    """

    def __init__(
        self,
        bucket: Bucket,
        *,
        told: Callable[[str], None],
        folder: Path = FOLDER,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bucket = bucket
        self._told = told
        self.folder = folder
        self._clock = clock
        self._threads = ThreadPoolExecutor(1, thread_name_prefix="models")
        self._places: dict[str, _Place] = {}

    def get(self, use_case: str, generation: str | None, *, seconds: float | None = None) -> Kept:
        """Of the generation, or the last published one for None; until it is here, the one that was before.

        Waits for the first one only, `seconds` at most. Raises: ModelDamaged, if there is none and the last
        attempt failed; TimeoutError.
        """
        place = self._places.setdefault(use_case, _Place())
        with place.lock:
            if place.loading and place.loading.done():
                place.loading = None
            if place.kept and generation in (None, place.kept.generation):
                return place.kept
            if place.loading is None and self._is_due(place, generation):
                place.tried, place.tried_at = generation, self._clock()
                place.loading = self._threads.submit(self._fetch, place, use_case, generation)
            kept, loading = place.kept, place.loading
        if kept:
            return kept
        if loading is None:
            raise ModelDamaged(place.problem)
        return loading.result(seconds)

    def settle(self, use_case: str) -> None:
        """Waits until nothing is being fetched any more, whatever comes of it."""
        place = self._places.get(use_case)
        if place and (loading := place.loading):
            wait([loading])

    def _is_due(self, place: _Place, generation: str | None) -> bool:
        return (
            not place.problem or place.tried != generation or self._clock() - place.tried_at >= RETRY_SECONDS
        )

    def _fetch(self, place: _Place, use_case: str, generation: str | None) -> Kept:
        try:
            place.kept, place.problem = self._load(use_case, generation), ""
        except Exception as error:
            place.problem = f"{type(error).__name__}: {error}"
            self._told(place.problem)
            raise
        return place.kept

    def _load(self, use_case: str, generation: str | None) -> Kept:
        """Raises: ModelDamaged, StorageFailed."""
        record: dict[str, Any] = self._bucket.read_json(keys.last_good(use_case, OWN), newest=True) or {}
        wanted = generation or record.get("generation")
        if wanted is None:
            raise ModelDamaged(f"no model of {use_case} has been published")
        folder = self.folder / use_case
        try:
            if wanted == record.get("generation"):
                file = files.fetched(self._bucket, record["modelKey"], record["modelDigest"], folder)
                model = engine.load(file, verify=False)
            else:
                # Published a moment ago, or served again: its key is known, its digest in the file alone.
                model = engine.load(self._unrecorded(use_case, wanted, folder))
        except (ArtifactError, ObjectMissing, LookupError) as error:
            raise ModelDamaged(f"the model of {use_case}, {wanted}: {error}") from error
        _warm(model)
        return Kept(model, wanted)

    def _unrecorded(self, use_case: str, generation: str, folder: Path) -> Path:
        key = keys.model(use_case, OWN, generation)
        return files.the_only(
            folder, f"{generation}.rec", lambda part: files.download(self._bucket, key, part)
        )


def knows(model: engine.Model, user_id: str) -> bool:
    return bool(lookup(model.user_ids, [user_id])[0] >= 0)


def _warm(model: engine.Model) -> None:
    """What the first answer would otherwise read from the disk and compute."""
    user, items = str(model.user_ids[0]), [str(item) for item in model.item_ids[:2]]
    for recent in (None, {user: items}):
        model.recommend([user], 10, recent=recent)
