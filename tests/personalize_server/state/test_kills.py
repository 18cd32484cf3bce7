"""kill -9 at random moments under load: what was acknowledged is there, what is answered is right."""

import random
from collections.abc import Iterator

import pytest

from tests.personalize_server.support.storm import Storm


@pytest.fixture(scope="module")
def storm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storm]:
    """On a server of two processes that answer."""
    found = Storm(tmp_path_factory.mktemp("storm"), 3, ("--workers", "2"))
    yield found
    found.close()


@pytest.mark.prove
def test_nothing_acknowledged_is_lost_when_the_server_is_killed_under_load(storm: Storm) -> None:
    rng = random.Random(3)
    for _ in range(3):
        storm.round(rng.uniform(0.3, 1.0))
    storm.still()
    assert storm.findings.wrong == []
    assert min(storm.findings.checked[what] for what in ("events", "records", "resources", "jobs")) > 0


@pytest.mark.prove
def test_a_loss_would_be_noticed(storm: Storm) -> None:
    ledger, known = storm.ledger, next(iter(storm.ledger.events))
    ledger.events[1] = ("u1", "i1")
    ledger.batches.append([known, 2])
    ledger.put["Users"]["p-never"] = (5, None)
    arn = "arn:aws:personalize:us-east-1:123456789012:schema/never"
    ledger.resources[arn] = ("DescribeSchema", "schemaArn", {"name": "never"})
    storm.check()
    for expected in ("lost: 1 events", "p-never is None", "schema/never", "half of a request"):
        assert any(expected in text for text in storm.findings.wrong), (expected, storm.findings.wrong)
