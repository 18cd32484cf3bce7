"""Faults of disk, clock and processes: lists are an undamaged twin's, or a named error; nothing is lost."""

import os
from collections.abc import Iterator

import pytest

from tests.personalize_server.support.fault_kinds import KINDS, can_mount
from tests.personalize_server.support.faults import Found, Twins

_ROUNDS = 3
"""python -m benchmarks.personalize_faults has more"""


@pytest.fixture(scope="module")
def seed() -> int:
    return int.from_bytes(os.urandom(4))


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory, seed: int) -> Iterator[Twins]:
    yield Twins(tmp_path_factory.mktemp("twins"), seed)


@pytest.mark.prove
@pytest.mark.parametrize("kind", KINDS)
def test_no_fault_makes_a_wrong_list(twins: Twins, seed: int, kind: str) -> None:
    if kind == "disk full" and not can_mount():
        pytest.skip("no disk may be mounted here")
    for _ in range(_ROUNDS):
        twins.round(kind, KINDS[kind])
    assert twins.found[kind].wrong == [], f"seed {seed}"
    assert twins.found[kind].lists["equal"] + twins.found[kind].refused > 0


@pytest.mark.prove
def test_a_wrong_list_would_be_noticed(twins: Twins) -> None:
    found, data = Found(), twins.copied("ended")
    place = next(iter(twins.right))
    kept = twins.right[place]
    twins.right[place] = kept._replace(content={"itemList": []})
    try:
        with twins.serving(data) as victim:
            twins.compare(found, victim, "nothing at all", whole=True)
    finally:
        twins.right[place] = kept
    assert len(found.wrong) == 1 and place[1] in found.wrong[0]
