"""The first deployment of a stage that keeps its data fails, is repeated, and is followed by a second one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from review.reading.templates import Template
from tests.app.support.clouds.first_deployment import (
    PREFIX,
    EmptyCloud,
    empty_cloud,
    refusing_deletion,
    synthesise,
    with_a_failure,
)

KEEPING = [f"{PREFIX}-{name}" for name in ("Data", "Training", "Tracking", "Notifications", "Serving")]
# In the order of their dependencies.
STACKS = [*KEEPING, f"{PREFIX}-Observability"]
pytestmark = pytest.mark.prove


@pytest.fixture(scope="module")
def assembly(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("first")


@pytest.fixture(scope="module")
def templates(assembly: Path) -> dict[str, Template]:
    return synthesise(assembly, protected=False)


@pytest.fixture(scope="module")
def cloud(
    assembly: Path, templates: dict[str, Template], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[EmptyCloud]:
    assert set(templates) == set(STACKS)
    with empty_cloud(tmp_path_factory.mktemp("kept")) as cloud:
        cloud.bootstrap(assembly)
        yield cloud


@pytest.mark.parametrize("stack", STACKS)
def test_a_first_deployment_that_fails_leaves_nothing_and_the_next_one_succeeds(
    cloud: EmptyCloud, assembly: Path, templates: dict[str, Template], stack: str
) -> None:
    assert cloud.create(stack, with_a_failure(templates[stack])) == "ROLLBACK_COMPLETE", cloud.failures(stack)
    assert cloud.left(stack) == {}
    # The CDK CLI deletes it before it deploys again.
    assert stack not in refusing_deletion(assembly)
    cloud.delete(stack)

    assert cloud.create(stack, templates[stack]) == "CREATE_COMPLETE", cloud.failures(stack)


def test_the_second_deployment_protects_tables_and_stacks(cloud: EmptyCloud, tmp_path: Path) -> None:
    protecting = synthesise(tmp_path, protected=True)

    for stack in STACKS:
        cloud.update(stack, protecting[stack])

    assert set(cloud.statuses(STACKS)) <= {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    assert set(cloud.protected_tables().values()) == {True}
    assert refusing_deletion(tmp_path) == set(KEEPING)
