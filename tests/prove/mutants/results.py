"""What became of each mutation, kept in a file line by line, and the score."""

import json
import math
from collections.abc import Sequence
from pathlib import Path

from tests.prove.mutants.mutations import Mutation
from tests.prove.mutants.trying import Fate, Tried


class Results:
    """A mutation that the file holds is not tried again: a run that was broken off goes on where it stood."""

    def __init__(self, kept: Path) -> None:
        self._kept = kept
        self._fates: dict[str, Tried] = {}

    def read(self, sample: Sequence[Mutation]) -> None:
        """Of these the file's, if there is one."""
        by_key = {_key(each): each for each in sample}
        for line in self._kept.read_text().splitlines() if self._kept.exists() else []:
            entry = json.loads(line)
            if mutation := by_key.get(entry["mutation"]):
                self._fates[entry["mutation"]] = Tried(mutation, Fate(entry["fate"]), entry["tests"])

    def of(self, mutation: Mutation) -> Tried | None:
        """None: not tried yet."""
        return self._fates.get(_key(mutation))

    def add(self, result: Tried) -> None:
        """At the file's end."""
        key = _key(result.mutation)
        self._fates[key] = result
        self._kept.parent.mkdir(parents=True, exist_ok=True)
        with self._kept.open("a") as file:
            file.write(json.dumps({"mutation": key, "fate": result.fate, "tests": result.tests}) + "\n")


def score(noticed: int, tried: int) -> str:
    """The share, and where it lies with 95 % confidence."""
    low, high = wilson(noticed, tried)
    return f"{noticed} of {tried}: {noticed / tried:.1%} (95 %: {low:.1%} to {high:.1%})"


def wilson(successes: int, trials: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval of a share (E. B. Wilson, 1927); z: of the normal distribution."""
    share, square = successes / trials, z * z / trials
    middle = (share + square / 2) / (1 + square)
    half = z / (1 + square) * math.sqrt(share * (1 - share) / trials + square / trials / 4)
    return middle - half, middle + half


def _key(mutation: Mutation) -> str:
    return f"{mutation} at {mutation.start}"
