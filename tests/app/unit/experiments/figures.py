"""Figures of other implementations that ours are held against: golden/<library>.json.

Each library in an environment of its own (they exclude each other, and one of them the product's numpy):

    python -m venv gb && gb/bin/pip install gbstats==0.8.0 'numpy<2'
    python -m venv tt && tt/bin/pip install tea-tasting==1.14.0
    python -m venv sc && sc/bin/pip install spotify-confidence==4.1.0
    gb/bin/python tests/app/unit/experiments/figures.py gbstats
    tt/bin/python tests/app/unit/experiments/figures.py tea_tasting
    sc/bin/python tests/app/unit/experiments/figures.py spotify_confidence

The people (golden/people.json: actions, impressions, and both of before, of each) were drawn once with
`figures.py people`.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import random
import sys
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "golden"
People = list[tuple[int, int, int, int]]
SPLITS = [([5_000, 5_000], [0.5, 0.5]), ([4_850, 5_150], [0.5, 0.5]), ([980, 9_000], [0.1, 0.9])]
MORE = [
    ([330, 341, 329], [1 / 3, 1 / 3, 1 / 3]),
    ([300, 400, 310], [0.25, 0.5, 0.25]),
    ([251, 270, 239, 262], [0.25] * 4),
    ([120, 80, 200, 195, 410], [0.1, 0.1, 0.2, 0.2, 0.4]),
]
DESIGNS = [(4, 0.05, 3.0), (4, 0.05, 2.0), (28, 0.05, 3.0), (8, 0.01, 1.0)]
Z = 2.2
SIZES = [(5_000, 0.1), (10_000, 0.1), (20_000, 0.1)]


def load(name: str) -> Any:
    return json.loads((GOLDEN / f"{name}.json").read_text())


def people() -> dict[str, People]:
    chance = random.Random(20261129)

    def arm(mean: float, size: int) -> People:
        found = []
        for _ in range(size):
            activity, taste = chance.gammavariate(0.7, 10.0), chance.betavariate(mean * 12, (1 - mean) * 12)
            seen, before = (int(chance.expovariate(1.0) * activity) for _ in range(2))
            acted, acted_before = (sum(chance.random() < taste for _ in range(n)) for n in (seen, before))
            found.append((acted, seen, acted_before, before))
        return found

    return {"control": arm(0.10, 150), "treatment": arm(0.16, 140)}


def gbstats() -> dict[str, Any]:
    statistics = importlib.import_module("gbstats.models.statistics")
    utils = importlib.import_module("gbstats.utils")

    def mean(n: int, values: list[int]) -> Any:
        return statistics.SampleMeanStatistic(n=n, sum=sum(values), sum_squares=sum(v * v for v in values))

    def ratio(arm: People) -> dict[str, float]:
        x, y = [p[0] for p in arm], [p[1] for p in arm]
        of = statistics.RatioStatistic(
            n=len(arm),
            m_statistic=mean(len(arm), x),
            d_statistic=mean(len(arm), y),
            m_d_sum_of_products=sum(a * b for a, b in zip(x, y, strict=True)),
        )
        return {"value": of.mean, "variance": of.variance / of.n}

    return {
        "ratio": {name: ratio(arm) for name, arm in load("people").items()},
        "srm": [{"counts": c, "shares": s, "p": float(utils.check_srm(c, s))} for c, s in SPLITS + MORE],
    }


def tea_tasting() -> dict[str, Any]:
    tea, pyarrow = importlib.import_module("tea_tasting"), importlib.import_module("pyarrow")
    optimize, stats = importlib.import_module("scipy.optimize"), importlib.import_module("scipy.stats")
    arms = load("people")
    level = float(2 * stats.norm.cdf(Z) - 1)

    def analysed(past: bool, scale: float = 1.0) -> Any:
        rows = [
            {"variant": v, "x": float(x) / (scale if v else 1.0), "y": y, "u": u, "v": w}
            for v, name in enumerate(("control", "treatment"))
            for x, y, u, w in arms[name]
        ]
        options = {"equal_var": False, "use_t": False, "confidence_level": level}
        metric = tea.RatioOfMeans("x", "y", *(("u", "v") if past else ()), **options)
        return tea.Experiment(of=metric).analyze(pyarrow.Table.from_pylist(rows))["of"]

    def figures(past: bool) -> dict[str, float]:
        found = analysed(past)
        return {
            "control": float(found.control),
            "treatment": float(found.treatment),
            "low": float(found.effect_size_ci_lower),
            "high": float(found.effect_size_ci_upper),
            "p": float(found.pvalue),
            "score": float(found.statistic),
        }

    def end(side: int, low: float, high: float) -> float:
        """The lift at which the treatment, brought down by so much, is just not told from the control."""
        return float(
            optimize.brentq(lambda r: analysed(False, r).statistic - side * Z, low, high, xtol=1e-13)
        )

    ends = [end(1, 0.5, 1.5) - 1, end(-1, 1.5, 6.0) - 1]
    return {
        "z": Z,
        "plain": figures(False),
        "cuped": figures(True),
        "lift": ends,
        "power": _power(tea, pyarrow),
    }


def _power(tea: Any, pyarrow: Any) -> list[dict[str, float]]:
    """Of the people of both arms together."""
    everybody = [p for arm in load("people").values() for p in arm]
    data = pyarrow.Table.from_pylist([{"x": p[0], "y": p[1]} for p in everybody])
    found = []
    for people_of_both, effect in SIZES:
        metric = tea.RatioOfMeans("x", "y", rel_effect_size=effect, n_obs=people_of_both, use_t=False)
        [solved] = metric.solve_power(data, "power")
        found.append({"people": people_of_both, "effect": effect, "power": float(solved.power)})
    return found


def spotify_confidence() -> dict[str, Any]:
    """Its two sides are each a walk of their own with half of alpha."""
    numpy = importlib.import_module("numpy")
    solver = importlib.import_module("spotify_confidence.analysis.frequentist.sequential_bound_solver")
    stats = importlib.import_module("scipy.stats")
    found = []
    for looks, alpha, rho in DESIGNS:
        times = [(look + 1) / looks for look in range(looks)]
        for sides in (1, 2):
            solved = solver.bounds(numpy.array(times), alpha, rho, 8.0, sides)
            bounds = [float(b) for b in solved.bounds]
            found.append({"times": times, "alpha": alpha, "rho": rho, "sides": sides, "bounds": bounds})
    factors = []
    for counts, shares in SPLITS + MORE:
        for concentration in (1_000.0, 10_000.0):
            prior = concentration * numpy.array(shares)
            other = stats.dirichlet_multinomial.logpmf(counts, prior, sum(counts))
            planned = stats.multinomial.logpmf(counts, sum(counts), shares)
            entry = {"counts": counts, "shares": shares, "concentration": concentration}
            factors.append({**entry, "log_factor": float(other - planned)})
    return {"bounds": found, "scipy": importlib.metadata.version("scipy"), "dirichlet": factors}


if __name__ == "__main__":
    name = sys.argv[1]
    made = {"people": people, "gbstats": gbstats, "tea_tasting": tea_tasting}.get(name, spotify_confidence)()
    if name != "people":
        made = {"version": importlib.metadata.version(name.replace("_", "-")), **made}
    GOLDEN.mkdir(exist_ok=True)
    (GOLDEN / f"{name}.json").write_text(json.dumps(made, indent=None if name == "people" else 1) + "\n")
