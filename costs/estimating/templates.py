"""The templates that fixed costs are counted in: those of a synth that is there, or of one made for it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from config.schema import StageConfig
from config.stages import STAGES
from costs.usage.fixed import stage_of
from review.reading.assemblies import Stack, assembly_of


class Refused(Exception):
    """What was given cannot be used, and what to do."""


class Misused(Exception):
    """Arguments that do not fit what there is; the message says what would."""


def on_aws(stacks: Iterable[Stack]) -> tuple[Stack, ...]:
    """Those of stages that run on AWS: what runs on somebody's own machine costs nothing there."""
    here = {stage.name for stage in STAGES if stage.loopback_http}
    return tuple(stack for stack in stacks if stage_of(stack) not in here)


def stacks_in(folder: Path) -> Sequence[Stack]:
    """Raises: Refused, if no synth has left anything there."""
    try:
        return tuple(assembly_of(folder).values())
    except (OSError, ValueError, KeyError) as error:
        raise Refused(f"{folder} cannot be read as a folder of `cdk synth`: {error}") from error


def synthesised(stage: StageConfig) -> Sequence[Stack]:
    """Some ten seconds; without layers, which cost nothing."""
    os.environ.setdefault("CDK_VALIDATION", "false")
    # Starting the CDK takes seconds, which no other command should wait for.
    from app import build_app

    with tempfile.TemporaryDirectory() as folder:
        build_app([stage], outdir=folder, context={"aws:cdk:bundling-stacks": []}).synth()
        return tuple(assembly_of(Path(folder)).values())
