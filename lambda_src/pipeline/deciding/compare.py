"""Is there anything to retrain for?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pipeline import keys
from pipeline.generations import Generations
from pipeline.storage import Bucket
from pipeline.times import run_time


@dataclass(frozen=True)
class Comparison:
    """solution_version_arn, generation, metrics, output: of the last good run, where nothing has changed
    since. output: where its batch output lies, unless that has expired.
    """

    changed: bool
    reason: str
    solution_version_arn: str | None = None
    generation: str | None = None
    metrics: dict[str, float] | None = None
    output: str | None = None


def compare_datasets(
    bucket: Bucket,
    generations: Generations,
    datasets: Sequence[dict[str, Any]],
    *,
    run: str,
    force: bool,
    solution_arn: str | None = None,
    definition: str | None = None,
) -> Comparison:
    """Unchanged only if a good generation is being served that was made of the same contents.

    A generation past half of its retention counts as changed: its lists are due before they expire.
    So does a solution other than that of the last good run, where the caller names one, and another
    definition of the model.
    """
    if force:
        return Comparison(True, "forced by the input")
    key = keys.last_good(generations.use_case, generations.variant)
    last: dict[str, Any] | None = bucket.read_json(key, newest=True)
    if last is None:
        return Comparison(True, "no run has been published yet")
    pointer = generations.pointer()
    if pointer is None:
        return Comparison(True, "no generation is being served")
    changes = _changes(last.get("datasets", []), datasets)
    if changes:
        return Comparison(True, "; ".join(changes))
    if solution_arn and not str(last.get("solutionVersionArn", "")).startswith(f"{solution_arn}/"):
        return Comparison(True, "the solution is another one")
    if definition and last.get("definition") != definition:
        return Comparison(True, "the model is defined in another way")
    age = run_time(run) - run_time(pointer.generation)
    if age > timedelta(days=last["generationDays"]) / 2:
        return Comparison(
            True, f"generation {pointer.generation} is past half of its {last['generationDays']} days"
        )
    return Comparison(
        False,
        f"the same data as in run {last['generation']}, generation {pointer.generation} is served",
        last.get("solutionVersionArn"),
        last["generation"],
        last.get("metrics"),
        last.get("output") or bucket.url(keys.batch_output(generations.use_case, last["generation"])),
    )


def _changes(before: Sequence[dict[str, Any]], now: Sequence[dict[str, Any]]) -> list[str]:
    old = {dataset["dataset"]: dataset["contentHash"] for dataset in before}
    new = {dataset["dataset"]: dataset["contentHash"] for dataset in now}
    changed = [f"{name} changed" for name in new if name in old and old[name] != new[name]]
    added = [f"{name} is new" for name in new if name not in old]
    return changed + added + [f"{name} is gone" for name in old if name not in new]
