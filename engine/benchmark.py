"""Times and peak memory on generated data, beside plain library calls in the same run."""

import multiprocessing
import resource
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from engine import artifacts, configs
from engine.algorithms import ALGORITHMS
from engine.evaluation.report import aligned
from engine.fitting import fit
from engine.generated import generated
from engine.model import Model
from engine.models import hybrid
from engine.models.hybrid import HybridConfig
from engine.models.user_neighbours import UserNeighboursConfig
from engine.threads import cores, one_blas_thread
from engine.training import TrainingData

LIST = 25
SINGLE_CALLS = 400


@dataclass(frozen=True)
class Size:
    users: int
    items: int
    events: int


def whole_hybrid(size: Size) -> str:
    """Train every member, top-25 of all users, similar-25 of all items, write; beside implicit alone."""
    rows = _apart(_whole, size)
    return (
        f"whole hybrid, {size.users:,} users x {size.items:,} items, {size.events:,} events\n{aligned(rows)}"
    )


def each_algorithm(size: Size) -> str:
    rows = [["algorithm", "train s", "peak MB", "users/s", "p50 ms", "p99 ms"]]
    rows += [_apart(_alone, size, name) for name in (*ALGORITHMS, "svds (scipy)", "als (implicit)")]
    return f"each alone, {size.users:,} users x {size.items:,} items, {size.events:,} events\n{aligned(rows)}"


def _whole(size: Size) -> list[list[str]]:
    data = generated(size.users, size.items, size.events)
    seconds: dict[str, float] = {}
    members = replace(HybridConfig(), weights=(1.0,) * len(HybridConfig().members))
    model = _timed(seconds, "train all members", lambda: hybrid.fit(data, members))
    _serve(seconds, model)
    total = sum(seconds.values())
    peak = _peak()
    _timed(seconds, "(weights and recency learned)", lambda: hybrid.learn(data, HybridConfig()))
    _timed(seconds, "(implicit ALS-64 alone)", lambda: _als(data))
    rows = [["step", "seconds"], *([name, f"{took:.2f}"] for name, took in seconds.items())]
    pairs = len(data.memory.histories.items)
    rows += [
        ["total of the first four", f"{total:.2f}"],
        ["peak MB", f"{peak:.0f}"],
        ["distinct pairs", f"{pairs:,}"],
    ]
    rows += _fold_in(model)
    times = _single(model)
    return [*rows, ["single user p50 ms", f"{times[0]:.2f}"], ["single user p99 ms", f"{times[1]:.2f}"]]


def _serve(seconds: dict[str, float], model: Model) -> None:
    histories = model.memory.histories
    codes = np.arange(len(histories), dtype=np.int32)
    items, scores = _timed(
        seconds,
        "top-25 of all users",
        lambda: model.top(histories, LIST, users=codes, exclude=histories),
    )
    _timed(seconds, "similar-25 of all items", lambda: model.similar_items(model.item_ids.tolist(), LIST))

    def write() -> None:
        with tempfile.TemporaryDirectory() as folder:
            artifacts.save(model, Path(folder) / "model.rec")
            np.savez(Path(folder) / "lists.npz", items=items, scores=scores)

    _timed(seconds, "write model and lists", write)


def _alone(size: Size, name: str) -> list[str]:
    data = generated(size.users, size.items, size.events)
    _ = data.x
    seconds: dict[str, float] = {}
    if name == "svds (scipy)":
        _timed(seconds, "train", lambda: svds(data.x, k=32))
        return [name, f"{seconds['train']:.2f}", f"{_peak():.0f}", "-", "-", "-"]
    if name == "als (implicit)":
        _timed(seconds, "train", lambda: _als(data))
        return [name, f"{seconds['train']:.2f}", f"{_peak():.0f}", "-", "-", "-"]
    config = configs.default(name)
    model = _timed(seconds, "train", lambda: fit(data, config))
    histories = model.memory.histories
    asked = min(len(histories), 2_000 if isinstance(config, UserNeighboursConfig) else 50_000)
    part = histories.slice(0, asked)
    codes = np.arange(asked, dtype=np.int32)
    _timed(seconds, "batch", lambda: model.top(part, LIST, users=codes, exclude=part))
    median, slowest = _single(model)
    rate = asked / seconds["batch"]
    return [
        name,
        f"{seconds['train']:.2f}",
        f"{_peak():.0f}",
        f"{rate:,.0f}",
        f"{median:.2f}",
        f"{slowest:.2f}",
    ]


def _single(model: Model) -> tuple[float, float]:
    """Milliseconds of one user's list with filters on: median and 99th of a hundred."""
    rng = np.random.default_rng(0)
    users = model.user_ids[rng.integers(0, len(model.user_ids), SINGLE_CALLS)].tolist()
    unwanted = [model.item_ids[rng.integers(0, len(model.item_ids), 20)].tolist()]
    times = []
    for user in users:
        started = perf_counter()
        model.recommend([user], LIST, exclude=unwanted)
        times.append((perf_counter() - started) * 1000)
    median, slowest = np.quantile(times[20:], [0.5, 0.99])
    return float(median), float(slowest)


def _fold_in(model: Model) -> list[list[str]]:
    """Milliseconds from a known user's new event to the changed list."""
    rng = np.random.default_rng(1)
    times = []
    for _ in range(SINGLE_CALLS):
        user = str(model.user_ids[rng.integers(len(model.user_ids))])
        item = str(model.item_ids[rng.integers(len(model.item_ids))])
        started = perf_counter()
        model.recommend([user], LIST, recent={user: [item]})
        times.append((perf_counter() - started) * 1000)
    median, slowest = np.quantile(times[20:], [0.5, 0.99])
    return [["new event p50 ms", f"{median:.2f}"], ["new event p99 ms", f"{slowest:.2f}"]]


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
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)
