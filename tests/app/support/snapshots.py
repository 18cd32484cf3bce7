"""The snapshots of what this installation deploys: where they are, and how `make snapshots` writes them."""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from app import build_app
from config.place import HERE
from config.schema import StageConfig
from config.types.errors import ConfigError
from review.reading.templates import Template, templates_of
from review.snapshots.files import Stack, files_of
from review.snapshots.names import without_asset_hashes
from review.snapshots.writing import write
from tests.app.support.installed import Installed, installed
from tests.app.support.template_reading import stacks_of

NO_BUNDLING: Mapping[str, list[str]] = {"aws:cdk:bundling-stacks": []}
"""context of a synth that leaves the packages out of the layers; hashes stay what they are"""


def folder_of(installation: Installed) -> Path:
    """Beside a configuration that lies elsewhere, so that nothing of this repository is a team's."""
    if installation.place == HERE:
        return Path(__file__).parents[1] / "synth" / "snapshots"
    return installation.place / "snapshots"


def synthesise(folder: Path) -> dict[str, Template]:
    """Every stack of every stage of the tests' business, by its name; the folder holds what it leaves."""
    build_app(outdir=str(folder), context=NO_BUNDLING).synth()
    return templates_of(folder)


def synthesise_installed(folder: Path) -> dict[str, Template]:
    """Of the stages of this installation that are deployed."""
    here = installed()
    build_app(
        here.deployed, here.use_cases, here.notifications, outdir=str(folder), context=NO_BUNDLING,
        elsewhere=[stage.name for stage in here.stages],
    ).synth()  # fmt: skip
    return templates_of(folder)


def snapshots(templates: Mapping[str, Template]) -> dict[str, str]:
    """templates: of this installation."""
    stacks = [stack for stage in installed().deployed for stack in stacks_with_names(stage)]
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
    try:
        with tempfile.TemporaryDirectory() as assembly:
            write(folder_of(installed()), snapshots(synthesise_installed(Path(assembly))))
    except ConfigError as error:
        sys.exit(str(error))
