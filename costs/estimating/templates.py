"""The templates that fixed costs are counted in: those of a synth that is there, or of one made for it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from config.schema import StageConfig
from review.reading.assemblies import Stack, assembly_of


class Refused(Exception):
    """What was given cannot be used, and what to do."""


def stacks_in(folder: Path) -> Sequence[Stack]:
    """Raises: Refused, if no synth has left anything there."""
    try:
        return tuple(assembly_of(folder).values())
    except (OSError, ValueError, KeyError) as error:
        raise Refused(f"--assembly: {error}") from error


def synthesised(stage: StageConfig) -> Sequence[Stack]:
    """Some ten seconds; without layers, which cost nothing."""
    os.environ.setdefault("CDK_VALIDATION", "false")
    # Starting the CDK takes seconds, which no other command should wait for.
    from app import build_app

    with tempfile.TemporaryDirectory() as folder:
        build_app([stage], outdir=folder, context={"aws:cdk:bundling-stacks": []}).synth()
        return tuple(assembly_of(Path(folder)).values())
