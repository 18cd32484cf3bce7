"""Trains a model of our own on a run's datasets, judges it as Amazon Personalize documents, and keeps it."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TypedDict

import engine
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.evaluation.offline_metrics import offline_metrics
from engine.fitting import configs, hybrid
from engine.fitting.configs import AnyConfig
from engine.fitting.fit import fit
from engine.ground.errors import EngineError
from engine.ground.threads import together
from pipeline import keys
from pipeline.columns import Column
from pipeline.own import files, needs, training_data
from pipeline.own.refusals import TrainingRefused
from pipeline.own.weights import Found, KeptWeights
from pipeline.storage import Bucket

MODEL = "application/octet-stream"


@dataclass(frozen=True, kw_only=True)
class Training:
    """datasets: as extract_dataset answers them. configuration: of the engine, as JSON; None: the defaults of
    the algorithm. event_weights: only these types count, so much; None: all, the same. relearn_days: how old
    kept weights of a blend may be; None: each run learns its own. relearn: whether this one does. repeats:
    lists may hold what people have already, so models learn from all events what comes again.
    """

    use_case: str
    variant: str
    run: str
    datasets: tuple[dict[str, Any], ...]
    algorithm: str
    seed: int
    configuration: str | None = None
    event_weights: dict[str, float] | None = None
    user_columns: tuple[Column, ...] = ()
    item_columns: tuple[Column, ...] = ()
    relearn_days: int | None = None
    relearn: bool = False
    repeats: bool = False


class Trained(TypedDict):
    """modelDigest: SHA-256 of the object, in hexadecimal. metrics: of GetSolutionMetrics' names.

    weights: of a blend, whether they were learned or kept, and why.
    """

    modelKey: str
    modelDigest: str
    bytes: int
    metrics: dict[str, float]
    interactions: int
    users: int
    items: int
    seconds: float
    weights: str


@dataclass(frozen=True)
class _Blend:
    """found: None for what is no blend, or has its weights by configuration."""

    config: AnyConfig
    kept: KeptWeights
    found: Found | None = None

    @property
    def is_learned(self) -> bool:
        return self.found is not None and self.found.config is None


def train_model(
    bucket: Bucket,
    training: Training,
    *,
    memory_mb: int,
    clock: Callable[[], float] = time.monotonic,
    now: Callable[[], float] = time.time,
) -> Trained:
    """The model appears in S3 whole or not at all, with the learned configuration beside it.

    Raises: MemoryTooSmall, TrainingRefused, StorageFailed; none leaves a model.
    """
    started = clock()
    sizes = needs.Sizes.of(training.datasets)
    needs.check(sizes, memory_mb, algorithm=training.algorithm, variant=training.variant)
    with tempfile.TemporaryDirectory(prefix="training-") as temporary:
        folder = Path(temporary)
        data = _data(bucket, training, folder)
        blend = _blend(bucket, training, data, now())
        stored = folder / "model.rec"
        both = sizes.side_by_side_mb(training.algorithm) <= memory_mb
        metrics = _trained(data, training, blend.config, stored, side_by_side=both)
        key = keys.model(training.use_case, training.variant, training.run)
        digest, size = files.digest_of(stored), stored.stat().st_size
        files.upload(bucket, key, stored, MODEL)
    bucket.write_json(
        keys.model_configuration(training.use_case, training.variant, training.run),
        configs.plain(blend.config),
    )
    if training.relearn_days is not None and blend.is_learned:
        assert isinstance(blend.config, hybrid.HybridConfig)
        blend.kept.keep(blend.config, run=training.run, now=now())
    users, items = data.interactions.shape
    return {
        "modelKey": key,
        "modelDigest": digest,
        "bytes": size,
        "metrics": metrics,
        "interactions": len(data.interactions),
        "users": users,
        "items": items,
        "seconds": round(clock() - started, 3),
        "weights": blend.found.why if blend.found else "none to be learned",
    }


def _data(bucket: Bucket, training: Training, folder: Path) -> TrainingData:
    """The files are gone again once they are read: what they say is in memory then."""
    csv = {dataset["dataset"]: folder / f"{dataset['dataset']}.csv" for dataset in training.datasets}
    for dataset in training.datasets:
        files.download(bucket, dataset["key"], csv[dataset["dataset"]])
    try:
        data = training_data.read(
            csv,
            event_weights=training.event_weights,
            user_columns=training.user_columns,
            item_columns=training.item_columns,
        )
        return replace(data, own_items=training.repeats)
    except EngineError as error:
        # The engine speaks of files that are gone when somebody reads this.
        raise TrainingRefused(str(error).replace(f"{folder}/", "")) from error
    finally:
        for file in csv.values():
            file.unlink(missing_ok=True)


def _blend(bucket: Bucket, training: Training, data: TrainingData, now: float) -> _Blend:
    """A blend's weights are learned once, on everybody's newest events; the model that is judged and the one
    that is kept both have them. Raises: TrainingRefused, StorageFailed.
    """
    try:
        config = _config(training)
        kept = KeptWeights(
            bucket, keys.model_weights(training.use_case, training.variant), _definition(training, config)
        )
        if not isinstance(config, hybrid.HybridConfig) or config.weights is not None:
            return _Blend(config, kept)
        if training.relearn_days is None or training.relearn:
            found = Found(None, "learned: asked for" if training.relearn else "learned: as in every run")
        else:
            found = kept.find(days=training.relearn_days, now=now)
        return _Blend(found.config or hybrid.learn(data, config), kept, found)
    except EngineError as error:
        raise TrainingRefused(str(error)) from error


def _definition(training: Training, config: AnyConfig) -> str:
    columns = [[asdict(column) for column in some] for some in (training.user_columns, training.item_columns)]
    parts = [
        configs.plain(config),
        training.event_weights,
        columns,
        *(["repeats"] if training.repeats else []),
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _trained(
    data: TrainingData, training: Training, config: AnyConfig, path: Path, *, side_by_side: bool
) -> dict[str, float]:
    """The metrics; the model is in the file then. Side by side, where there is memory for two trainings:
    much of one runs on a single processor.
    """

    def kept() -> dict[str, float]:
        engine.save(fit(data, config), path)
        return {}

    works: list[Callable[[], dict[str, float]]] = [lambda: judged(data, config, seed=training.seed), kept]
    try:
        metrics, _ = together(works) if side_by_side else [work() for work in works]
    except EngineError as error:
        raise TrainingRefused(str(error)) from error
    return metrics


def judged(data: TrainingData, config: AnyConfig, *, seed: int) -> dict[str, float]:
    """By the split and under the names that Amazon Personalize documents for its solution versions."""

    def refitted(part: Interactions) -> engine.Model:
        return fit(data.with_interactions(part), config)

    return offline_metrics(data.interactions, refitted, seed=seed, repeats=data.own_items)


def _config(training: Training) -> AnyConfig:
    """Raises: ConfigError, of a configuration that is none, or another algorithm's."""
    if training.configuration is not None:
        return configs.parsed(
            json.loads(training.configuration), f"the configuration of the variant {training.variant}"
        )
    config = configs.default(training.algorithm)
    return replace(config, seed=training.seed) if isinstance(config, hybrid.HybridConfig) else config
