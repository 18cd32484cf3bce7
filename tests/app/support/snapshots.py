"""The snapshots of what is deployed: where they are, and how `make snapshots` writes them."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from app import build_app
from config.schema import StageConfig
from config.stages import LOCAL, STAGES
from review.reading.templates import Template, templates_of
from review.snapshots.files import Stack, files_of
from review.snapshots.names import without_asset_hashes
from review.snapshots.writing import write
from tests.app.support.template_reading import stacks_of

FOLDER = Path(__file__).parents[1] / "synth" / "snapshots"
NO_BUNDLING: Mapping[str, list[str]] = {"aws:cdk:bundling-stacks": []}
"""context of a synth that leaves the packages out of the layers; hashes stay what they are"""


def synthesise(folder: Path) -> dict[str, Template]:
    """Every stack of every stage, by its name; the folder holds what the synth leaves."""
    build_app(outdir=str(folder), context=NO_BUNDLING).synth()
    return templates_of(folder)


def deployed() -> list[Stack]:
    """The stacks of all stages but the one on a developer's own machine."""
    return [stack for stage in STAGES if stage is not LOCAL for stack in stacks_with_names(stage)]


def snapshots(templates: Mapping[str, Template]) -> dict[str, str]:
    stacks = deployed()
    return files_of(stacks, {stack.name: without_asset_hashes(templates[stack.name]) for stack in stacks})


def stacks_with_names(stage: StageConfig) -> Iterator[Stack]:
    for name in stacks_of(stage):
        place, _, kind = name.rpartition("-")
        region = place.partition("-")[2]
        names = {
            "Stage": stage.name.capitalize(),
            "stage": stage.name,
            "account": stage.account,
            "region": region,
        }
        # A replica has an Observability stack of its own kind: stacks/replica.py.
        replica = kind == "Observability" and region != stage.region
        yield Stack(name, "Replica" if replica else kind, place, names)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as assembly:
        write(FOLDER, snapshots(synthesise(Path(assembly))))
