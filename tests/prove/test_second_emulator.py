"""MiniStack as a witness: the same stacks on it and on the local cloud, and one run of a workflow.

Every difference is in witness/differences.toml, with whose it is and why. Takes a package index.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest

from local_cloud.ground.clients import client
from local_cloud.ground.settings import Settings
from local_cloud.lifecycle import cloud as clouds
from local_cloud.lifecycle.cloud import Cloud
from local_cloud.machine.progress import Progress
from local_cloud.machine.state import StateFolder
from tests.app.support.business.data import load
from tests.app.support.business.stages import LOCAL
from tests.local_cloud.support.ports import free_ports
from tests.prove.witness import workflow
from tests.prove.witness.explained import explanations, no_longer_seen, unexplained
from tests.prove.witness.looking import (
    Difference,
    Facts,
    Resource,
    differences,
    generated_names,
    look,
    resources,
)
from tests.prove.witness.readings import Clients
from tests.prove.witness.second_cloud import deploy, ministack

STACKS = tuple(
    f"{LOCAL.id_in(LOCAL.region)}-{name}"
    for name in ("Data", "Training", "Tracking", "Notifications", "Serving", "Observability")
)
SLOW = 600.0
MACHINE = f"arn:aws:states:{LOCAL.region}:{LOCAL.account}:stateMachine:recs-{LOCAL.name}-training-programs"
GROUP = (
    f"arn:aws:personalize:{LOCAL.region}:{LOCAL.account}:dataset-group/recs-{LOCAL.name}-training-programs"
)


@dataclass(frozen=True)
class Deployed:
    """A cloud with our stacks on it."""

    settings: Settings

    @property
    def clients(self) -> Clients:
        return partial(client, self.settings)

    def resources(self) -> list[Resource]:
        return resources(self.clients, STACKS)

    def facts(self, other: "Deployed") -> Facts:
        addresses = {
            self.settings.endpoint_url: "<endpoint>",
            self.settings.personalize_endpoint_url: "<endpoint>",
            self.settings.gateway_url: "<gateway>",
        }
        own = self.resources()
        return look(self.clients, own, generated_names(own, other.resources()) | addresses)

    def run(self) -> Facts:
        [bucket] = [
            each.physical
            for each in self.resources()
            if each.type == "AWS::S3::Bucket" and "Logs" not in each.logical
        ]
        ran = workflow.run(self.clients, MACHINE)
        return {**ran, **workflow.left(self.clients, bucket, f"recs-{LOCAL.name}-serving", GROUP)}


@dataclass(frozen=True)
class Two:
    ours: Deployed
    theirs: Deployed


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """Both with the same assembly, over one database."""
    cloud = Cloud(StateFolder(tmp_path_factory.mktemp("cloud")), free_ports(), SLOW)
    try:
        clouds.up(cloud, Progress())
        load(cloud.database().dsn, posts=100)
        folder = tmp_path_factory.mktemp("ministack")
        with ministack(folder, free_ports(), SLOW) as theirs:
            deploy(theirs, cloud.state.path / "cdk.out", cloud.database().secret())
            yield Two(Deployed(cloud.settings), Deployed(theirs))
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        clouds.down(cloud)


def told(found: list[Difference]) -> str:
    return "\n".join(
        f"{each.type} {each.property}: {each.ours!r} here, {each.theirs!r} there "
        f"({len(each.where)}: {each.where[0]})"
        for each in found
    )


def check(found: list[Difference]) -> None:
    known = explanations()
    assert not (left := unexplained(found, known)), f"{len(left)} differences are unexplained:\n{told(left)}"


def test_every_difference_between_what_the_stacks_and_a_run_leave_is_explained(two: Two) -> None:
    # Before a run, which changes what services say.
    stacks = differences(two.ours.facts(two.theirs), two.theirs.facts(two.ours))
    runs = differences(two.ours.run(), two.theirs.run())

    for stale in no_longer_seen([*stacks, *runs], explanations()):
        print(f"no longer seen: {stale.types} {stale.properties}")
    check([*stacks, *runs])
    assert stacks, "two emulators that nobody compared"
