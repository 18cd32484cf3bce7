"""Templates by the stages of this installation; how they are read is in `review`."""

from collections.abc import Iterator

from config.schema import StageConfig
from review.reading.machines import Machine, machines_of
from review.reading.rights import Right, rights_of
from review.reading.templates import Template, flat, linked, resources_of
from tests.app.support.business.stages import STAGES

__all__ = [
    "STACKS",
    "Machine",
    "Right",
    "Template",
    "flat",
    "linked",
    "machines_of",
    "resources_of",
    "rights_of",
    "stacks_of",
    "training_of",
]


def stacks_of(stage: StageConfig) -> Iterator[str]:
    for name in ("Data", "Training", "Tracking", "Serving", "Observability"):
        yield f"{stage.id_in(stage.region)}-{name}"
    if stage.notifications:
        yield f"{stage.id_in(stage.region)}-Notifications"
    for region in stage.replica_regions:
        yield f"{stage.id_in(region)}-Serving"
        yield f"{stage.id_in(region)}-Observability"
    if stage.other_regions and stage.api.canary.enabled:
        for region in stage.regions:
            yield f"{stage.id_in(region)}-Canary"


STACKS = [stack for stage in STAGES for stack in stacks_of(stage)]


def training_of(templates: dict[str, Template], stage: StageConfig) -> Template:
    return linked(templates, f"{stage.id_in(stage.region)}-Training")
