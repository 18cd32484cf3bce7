"""A use case that is being served before something goes wrong, and what every failure has in common."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from local_cloud.demo.serving_table import Served
from tests.app.support.clouds.community_cloud import CommunityCloud, Ended

USE_CASE = "training_programs"


@pytest.fixture(scope="module")
def trained(deployed: CommunityCloud, first_runs: dict[str, Any]) -> CommunityCloud:
    """A generation is being served before anything goes wrong."""
    assert first_runs[USE_CASE]["outcome"] == "published"
    return deployed


@pytest.fixture
def served_before(trained: CommunityCloud) -> Served:
    served = trained.served(USE_CASE)
    assert served is not None
    return served


@pytest.fixture
def fails(
    trained: CommunityCloud, served_before: Served, community: CommunityCloud
) -> Iterator[Callable[..., Ended]]:
    """Runs, and checks what every failure has in common: error, words of the cause, one e-mail, the lists."""

    def run(error: str, *words: str, step: str, use_case: str = USE_CASE) -> Ended:
        run = community.run(use_case)
        assert run.status == "FAILED", run.output
        assert run.error == error, run.cause
        assert not [word for word in words if word not in run.cause], run.cause
        assert step in run.cause
        [email] = run.emails
        for part in (use_case, step, error, run.arn, *words):
            assert part in email.text, email.text
        assert community.served(USE_CASE) == served_before
        return run

    yield run
    assert community.served(USE_CASE) == served_before
