"""Answers as JSON, for programs: one object on standard output, with the figures of the tables."""

import argparse
import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from engine.evaluation.evaluate import Evaluation
from engine.evaluation.report import gaps


def add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print the answer as JSON and nothing else")


def tell(document: Mapping[str, Any]) -> None:
    """A number that is none (NaN, infinity), which JSON does not have, is null."""
    text = json.dumps(_plain(document), indent=2, ensure_ascii=False, allow_nan=False)
    sys.stdout.write(f"{text}\n")


def models_of(found: Sequence[Evaluation]) -> dict[str, Any]:
    """Metrics with their 95 % intervals and other figures, by model; and each model against the next best."""
    models = [
        {
            "name": one.name,
            "metrics": one.metrics,
            "figures": one.figures,
            "train_seconds": one.train_seconds,
            "users_per_second": one.users_per_second,
        }
        for one in found
    ]
    return {"models": models, "differences": gaps(found)}


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value) if isinstance(value, Path) else value
