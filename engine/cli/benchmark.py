"""Times and peak memory on generated data, beside plain library calls in the same run."""

import multiprocessing
import os
import resource
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from engine.data.generated import generated, with_ages
from engine.data.training_data import TrainingData
from engine.evaluation.report import WIDTH, aligned, folded
from engine.fitting import configs, hybrid
from engine.fitting.algorithms import ALGORITHMS
from engine.fitting.fit import fit
from engine.fitting.hybrid import HybridConfig
from engine.ground.threads import cores, one_blas_thread
from engine.models.user_neighbours import UserNeighboursConfig
from engine.serving import artifacts
from engine.serving.trained_model import Model

LIST = 25
SINGLE_CALLS = 2_000
WARM_UP = 50
APPROXIMATE = "user-neighbours, approximate"
PLAIN = ("svds (scipy)", "als (implicit)")

Row = tuple[str, float]


@dataclass(frozen=True)
class Size:
    users: int
    items: int
    events: int

    def __str__(self) -> str:
        return f"{self.users:,} users x {self.items:,} items, {self.events:,} events"


def whole_hybrid(size: Size, targets: Mapping[str, float] | None = None) -> str:
    """Train every member, top-25 of all users, similar-25 of all items, write; beside implicit alone.

    targets: by the name of a row, what it is to be at most.
    """
    before = _load()
    return f"whole hybrid, {size} ({before})\n{_beside(measured_hybrid(size), targets or {})}"


def measured_hybrid(size: Size) -> list[Row]:
    """Times in the unit that a row's name ends with, peak memory in MB."""
    rows: list[Row] = _apart(_whole, size)
    return rows


def each_algorithm(size: Size, targets: Mapping[str, float] | None = None, *, columns: int = WIDTH) -> str:
    """targets: seconds of training at most, by algorithm; columns: of the terminal."""
    wanted, before = targets or {}, _load()
    rows = [["algorithm", "train s", "target", "", "peak MB", "users/s", "p50 ms", "p99 ms"]]
    for name, found in measured_algorithms(size):
        verdict = _verdict(found.train_seconds, wanted.get(name))
        rows.append([name, f"{found.train_seconds:.2f}", *verdict, *found.cells])
    return f"each alone, {size} ({before})\n{folded(rows, columns)}"


@dataclass(frozen=True)
class Figures:
    """p50_ms, p99_ms: of one user's list with filters on. None: a plain library call, which serves nobody."""

    train_seconds: float
    peak_mb: float
    users_per_second: float | None = None
    p50_ms: float | None = None
    p99_ms: float | None = None

    @property
    def cells(self) -> list[str]:
        """But for training."""
        served = ((self.users_per_second, ",.0f"), (self.p50_ms, ".2f"), (self.p99_ms, ".2f"))
        return [
            f"{self.peak_mb:.0f}",
            *("-" if value is None else format(value, how) for value, how in served),
        ]


def measured_algorithms(size: Size) -> Iterator[tuple[str, Figures]]:
    """One after the other, each in a process of its own."""
    for name in (*ALGORITHMS, APPROXIMATE, *PLAIN):
        yield name, _apart(_alone, size, name)


def _whole(size: Size) -> list[Row]:
    seconds: dict[str, float] = {}
    model = _trained(size, seconds)
    _serve(seconds, model)
    rows = [*seconds.items(), ("total of the four", sum(seconds.values())), ("peak MB", _peak())]
    new, single = _new_event(model), _single(model)
    rows += [("single user, filters on, p50 ms", single[0]), ("single user, filters on, p99 ms", single[1])]
    rows += [("new event to new list, p50 ms", new[0]), ("new event to new list, p99 ms", new[1])]
    rows.append(("distinct pairs", len(model.memory.histories.items)))
    del model
    beside: dict[str, float] = {}
    data = generated(size.users, size.items, size.events).distinct()
    _timed(beside, "beside: implicit's ALS-64, 15 sweeps, train alone s", lambda: _als(data))
    _timed(beside, "beside: weights and recency learned s", lambda: hybrid.learn(data, HybridConfig()))
    return [*rows, *beside.items()]


def _trained(size: Size, seconds: dict[str, float]) -> Model:
    """From all events; they are let go, as nothing after training needs them."""
    members = replace(HybridConfig(), weights=(1.0,) * len(HybridConfig().members))
    data = generated(size.users, size.items, size.events)
    started = perf_counter()
    data = data.distinct()
    model = hybrid.fit(data, members)
    seconds["train all members s"] = perf_counter() - started
    return model


def _serve(seconds: dict[str, float], model: Model) -> None:
    histories = model.memory.histories
    codes = np.arange(len(histories), dtype=np.int32)
    items, scores = _timed(
        seconds,
        "top-25 of all users s",
        lambda: model.top(histories, LIST, users=codes, exclude=histories),
    )
    _timed(seconds, "similar-25 of all items s", lambda: model.similar_items(model.item_ids.tolist(), LIST))

    def write() -> None:
        with tempfile.TemporaryDirectory() as folder:
            artifacts.save(model, Path(folder) / "model.rec")
            np.savez(Path(folder) / "lists.npz", items=items, scores=scores)

    _timed(seconds, "write model and lists s", write)


def _alone(size: Size, name: str) -> Figures:
    data = with_ages(generated(size.users, size.items, size.events).distinct())
    _ = data.x
    seconds: dict[str, float] = {}
    if name in PLAIN:
        _timed(seconds, "train", (lambda: svds(data.x, k=32)) if "svds" in name else (lambda: _als(data)))
        return Figures(seconds["train"], _peak())
    config = configs.default("user-neighbours" if name == APPROXIMATE else name)
    if name == APPROXIMATE:
        assert isinstance(config, UserNeighboursConfig)
        config = replace(config, exact_users=0)
    model = _timed(seconds, "train", lambda: fit(data, config))
    histories = model.memory.histories
    asked = min(len(histories), 5_000 if isinstance(config, UserNeighboursConfig) else 50_000)
    part = histories.slice(0, asked)
    codes = np.arange(asked, dtype=np.int32)
    _timed(seconds, "batch", lambda: model.top(part, LIST, users=codes, exclude=part))
    median, slowest = _single(model)
    return Figures(seconds["train"], _peak(), asked / seconds["batch"], median, slowest)


def _single(model: Model) -> tuple[float, float]:
    """Milliseconds of one user's list with filters on: median and 99th of a hundred."""
    rng = np.random.default_rng(0)
    users = model.user_ids[rng.integers(0, len(model.user_ids), SINGLE_CALLS)].tolist()
    unwanted = [model.item_ids[rng.integers(0, len(model.item_ids), 20)].tolist()]
    return _quantiles([partial(model.recommend, [user], LIST, exclude=unwanted) for user in users])


def _new_event(model: Model) -> tuple[float, float]:
    """Milliseconds from a known user's new event to the changed list."""
    rng = np.random.default_rng(1)
    users = model.user_ids[rng.integers(0, len(model.user_ids), SINGLE_CALLS)].tolist()
    items = model.item_ids[rng.integers(0, len(model.item_ids), SINGLE_CALLS)].tolist()
    pairs = zip(users, items, strict=True)
    return _quantiles([partial(model.recommend, [user], LIST, recent={user: [item]}) for user, item in pairs])


def _quantiles(calls: Sequence[Callable[[], Any]]) -> tuple[float, float]:
    times = []
    for call in calls:
        started = perf_counter()
        call()
        times.append((perf_counter() - started) * 1000)
    median, slowest = np.quantile(times[WARM_UP:], [0.5, 0.99])
    return float(median), float(slowest)


def _beside(rows: Sequence[Row], targets: Mapping[str, float]) -> str:
    table = [["", "measured", "target", ""]]
    for name, value in rows:
        shown = f"{value:,.0f}" if name.startswith(("peak", "distinct")) else f"{value:.2f}"
        table.append([name, shown, *_verdict(value, targets.get(name))])
    return aligned(table)


def _verdict(value: float, target: float | None) -> list[str]:
    return ["", ""] if target is None else [f"<= {target:,g}", "met" if value <= target else "MISSED"]


def _load() -> str:
    return f"load average before: {load_average():.1f} on {cores()} cores"


def load_average() -> float:
    """Processes that ran or waited to, over the last minute."""
    return os.getloadavg()[0]


def _als(data: TrainingData) -> Any:
    from implicit.cpu.als import AlternatingLeastSquares

    with one_blas_thread():
        model = AlternatingLeastSquares(factors=64, iterations=15, num_threads=cores(), random_state=0)
        model.fit(csr_matrix(data.x), show_progress=False)
    return model


def _timed(seconds: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    started = perf_counter()
    result = work()
    seconds[name] = perf_counter() - started
    return result


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """In a fresh process, so that peak memory is this step's own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()
