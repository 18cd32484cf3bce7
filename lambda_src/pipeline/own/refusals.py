"""The named errors of the variant `own`; a state machine sees these class names."""

from __future__ import annotations

from pipeline.errors import PipelineError


class MemoryTooSmall(PipelineError):
    """Training needs more memory than the function has; the message says how much."""


class TrainingRefused(PipelineError):
    """The engine cannot learn from this data with these settings; the message is the engine's."""


class ModelDamaged(PipelineError):
    """The stored model is not there, torn, or not the one that was trained."""
