"""What a training gives back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.serving.trained_model import Model


@dataclass(frozen=True)
class Trained:
    model: Model
    metrics: Mapping[str, float]
    learned: Mapping[str, Any] | None = None
    """what a training in the mode UPDATE goes on with, as JSON values"""
    tuned: Mapping[str, str] = field(default_factory=dict)
    """hyper-parameters of the best trial"""
