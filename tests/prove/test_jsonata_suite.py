"""The test suite of the reference implementation of JSONata, on ours. Takes its repository.

`JSONATA_SUITE` names the folder test/test-suite of a copy of github.com/jsonata-js/jsonata at v2.2.2; without
it, the repository is cloned.
"""

import json
import os
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local_cloud.interpreter.queries import bounds
from local_cloud.interpreter.queries.evaluation import EvaluationError, evaluate
from local_cloud.interpreter.queries.values import as_json, from_json

REPOSITORY, TAG, CASES = "https://github.com/jsonata-js/jsonata", "v2.2.2", 1674
KNOWN = Path(__file__).parent / "jsonata_differences.toml"
# $eval is not there in Step Functions.
LEFT_OUT = {"function-eval"}


@dataclass(frozen=True)
class Case:
    """`name`: group/file#index."""

    name: str
    spec: dict[str, Any]
    context: Any

    def expected(self) -> tuple[str, Any]:
        if "undefinedResult" in self.spec:
            return "undefined", None
        if "result" in self.spec:
            return "value", as_json(self.spec["result"])
        return "error", self.spec.get("code") or self.spec["error"]["code"]

    def answered(self) -> tuple[str, Any]:
        try:
            return "value", evaluate(self.spec["expr"], self.spec.get("bindings", {}), self.context)
        except EvaluationError as error:
            return ("undefined", None) if "(undefined)" in str(error) else ("error", error.code)


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if given := os.environ.get("JSONATA_SUITE"):
        return Path(given)
    folder = tmp_path_factory.mktemp("jsonata")
    command = ["git", "clone", "--quiet", "--depth", "1", "--branch", TAG, REPOSITORY, str(folder / "copy")]
    subprocess.run(command, check=True)
    return folder / "copy" / "test" / "test-suite"


def cases(suite: Path) -> Iterator[Case]:
    datasets = {path.stem: json.loads(path.read_text()) for path in (suite / "datasets").iterdir()}
    for group in sorted(path for path in (suite / "groups").iterdir() if path.is_dir()):
        if group.name in LEFT_OUT:
            continue
        for file in sorted(group.glob("*.json")):
            read = json.loads(file.read_text())
            for index, spec in enumerate(read if isinstance(read, list) else [read]):
                if "expr-file" in spec:
                    spec["expr"] = (group / spec["expr-file"]).read_text()
                nothing = "data" not in spec and spec.get("dataset") is None
                data = spec["data"] if "data" in spec else None if nothing else datasets[spec["dataset"]]
                context = None if nothing else from_json(data)
                yield Case(f"{group.name}/{file.name}#{index}", spec, context)


def test_every_difference_is_known_and_has_a_reason(suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "_MOST_SECONDS", 60.0)
    known = {
        name: reason["why"]
        for reason in tomllib.loads(KNOWN.read_text(encoding="utf-8"))["difference"]
        for name in reason["cases"]
    }
    all_cases = list(cases(suite))

    different = {case.name for case in all_cases if case.answered() != case.expected()}

    assert len(all_cases) == CASES
    assert all(known.values())
    assert different == known.keys()
