"""Whatever was in a table then, and is now: what a restore may do, and what it must have done."""

import time
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from operations.restoring.kinds import KINDS
from operations.restoring.restoring import Found, Restoring, Task
from pipeline.notifications.table import EMAIL_CONSENT, device_sk, key, owner_key, user_pk
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.restored_stage import Item, RestoredStage, held

PEOPLE = st.sampled_from(["ann", "bob"])
ENDPOINTS = st.sampled_from(["e1", "e2"])
CONSENTS = st.builds(
    lambda user, at: {**key(user_pk(user), EMAIL_CONSENT), "state": {"S": "unsubscribed"}, "at": {"S": at}},
    PEOPLE,
    st.sampled_from("12"),
)
CLAIMS = st.builds(
    lambda user, state: {**key(user_pk(user), "claim#2026-W48#weekly"), "email_state": {"S": state}},
    PEOPLE,
    st.sampled_from(["claimed", "sent"]),
)
DEVICES = st.builds(
    lambda user, endpoint: (
        {**key(user_pk(user), device_sk("phone")), "endpoint": {"S": endpoint}},
        {**owner_key(endpoint), "user": {"S": user}, "device": {"S": "phone"}},
    ),
    PEOPLE,
    ENDPOINTS,
)


@st.composite
def tables(draw: st.DrawFn) -> dict[tuple[str, str], Item]:
    """As the product writes them: an endpoint is one user's, and a device has one."""
    items = [*draw(st.lists(CONSENTS, max_size=2)), *draw(st.lists(CLAIMS, max_size=2))]
    registered = draw(
        st.lists(DEVICES, max_size=2, unique_by=(lambda d: str(d[0]["pk"]), lambda d: str(d[1]["pk"])))
    )
    items += [item for pair in registered for item in pair]
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in items}


def fill(db: Any, table: str, items: Sequence[Item]) -> None:
    for pk, sk in held(db, table):
        db.delete_item(TableName=table, Key=key(pk, sk))
    for item in items:
        db.put_item(TableName=table, Item=item)


def restored(db: Any, table: str, beside: str) -> dict[str, Found]:
    task = Task(
        table=table,
        beside=beside,
        kinds=KINDS["notifications"],
        writes=True,
        mends=False,
        now=time.time(),
    )
    return Restoring(db, task, lambda _line: None).run()


@pytest.fixture(scope="module")
def stage(aws: LocalAws) -> RestoredStage:
    stage = RestoredStage(aws)
    for what in ("notifications", "then"):
        stage.make(what, recoverable=False)
    return stage


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables(), tables())
def test_nothing_there_is_touched_and_nobody_gets_mail_or_messages_of_others(
    stage: RestoredStage, then: dict[tuple[str, str], Item], now: dict[tuple[str, str], Item]
) -> None:
    table, beside = stage.table("notifications"), stage.table("then")
    fill(stage.db, table, list(now.values()))
    fill(stage.db, beside, list(then.values()))

    restored(stage.db, table, beside)

    after = held(stage.db, table)
    assert {name: after[name] for name in now} == now
    assert {name: item for name, item in after.items() if name not in now}.items() <= then.items()
    for name in then:
        if name[1].startswith(("consent#", "claim#")):
            assert name in after
    holders = [item["endpoint"]["S"] for (_, sk), item in after.items() if sk.startswith("device#")]
    assert len(holders) == len({*holders})
    for (pk, sk), item in after.items():
        if sk.startswith("device#"):
            owner = after[f"endpoint#{item['endpoint']['S']}", "owner"]
            assert (f"user#{owner['user']['S']}", f"device#{owner['device']['S']}") == (pk, sk)
        elif sk == "owner" and (pk, sk) not in now:
            device = after[f"user#{item['user']['S']}", f"device#{item['device']['S']}"]
            assert device["endpoint"]["S"] == pk.partition("#")[2]
    again = restored(stage.db, table, beside)
    assert sum(of.put_back for of in again.values()) == 0
    assert held(stage.db, table) == after
