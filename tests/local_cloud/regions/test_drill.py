"""What the drill counts as a promise that is not kept."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from botocore.credentials import Credentials

from local_cloud.drill.client import Answered
from local_cloud.drill.promises import checks
from local_cloud.drill.story import Found, Moment
from local_cloud.drill.traffic import Posted, Read, Traffic
from local_cloud.drill.waits import Waits, waits
from local_cloud.outbox.store import Email
from tests.local_cloud.support.regions import AWAY, HOME

OLD, NEW = "20260101T000000000", "20260102T000000000"
ACTIVE: dict[str, Any] = {"active": True, "unavailable": {}}
FENCED = {**ACTIVE, "active": False}
CANARIES = [{AWAY: {**ACTIVE, "unavailable": {HOME: "503"}}}, {HOME: FENCED, AWAY: ACTIVE}]
LISTS = {("user#posts#1", f"personalize#{NEW}"): {"items": {"L": [{"S": "a"}, {"S": "b"}]}}}


def read(at: float, generation: str = NEW, items: str = "ab", status: int = 200, region: str = AWAY) -> Read:
    body = {"source": "batch", "variant": "personalize"}
    answered = Answered(began=at, ended=at + 0.1, region=region, status=status, body=body, tried=1)
    return Read(
        reader=0, answered=answered, use_case="posts", person="1", generation=generation, items=(*items,)
    )


def broken(
    reads: list[Read],
    *,
    stored: set[str] | None = None,
    emails: tuple[str, ...] = ("x@example.com",),
    **found: Any,
) -> list[str]:
    """The claims that do not hold after a loss at second 10."""
    answered = Answered(began=12, ended=12.1, region=AWAY, status=202, body=None, tried=2)
    traffic = Traffic(
        addresses={},
        credentials=Credentials("a", "b"),
        paths={},
        people=(),
        tracked=("posts", "a"),
        learned="view",
    )
    traffic.reads, traffic.posts = reads, [Posted(answered=answered, event="e")]
    seen = Found(
        lost=Moment(10, 0), switched=5.0, trained=30.0, epochs={OLD: 0, NEW: 1}, fenced=["fenced"],
        uncopied={"1. to eu-west-1": 0}, planned={"1. to eu-west-1": 1.0}, learned=1, canaries=CANARIES,
    )  # fmt: skip
    told = checks(
        replace(seen, **found),
        traffic,
        standby=AWAY,
        stored={"e"} if stored is None else stored,
        learned=1,
        lists=LISTS,
        emails=[Email(sent_at="", to=to, subject="") for to in emails],
    )
    return [check.claim.partition(":")[0] for check in told if not check.holds]


def test_a_drill_that_goes_well_keeps_all_promises() -> None:
    assert broken([read(5, OLD), read(12), read(13, OLD), read(20)]) == []


def test_each_promise_can_be_broken() -> None:
    fine = [read(12)]
    assert broken([*fine, read(13, status=503)]) == ["reads"]
    assert broken([*fine, read(13, items="ba")]) == ["lists"]
    assert broken([*fine, read(13, generation="")]) == ["lists"]
    assert broken([*fine, read(13, items="")]) == []
    assert broken([*fine, read(23, OLD)]) == ["lists"]
    assert broken([read(80)]) == ["RTO of reads"]
    assert broken(fine, stored=set()) == ["events"]
    assert broken(fine, learned=2) == ["learning"]
    assert broken(fine, emails=("x@example.com", "x@example.com")) == ["people"]
    assert broken(fine, fenced=["fenced", "published"]) == ["fence"]
    assert broken(fine, uncopied={"1. to eu-west-1": 1}) == ["planned switch 1. to eu-west-1"]
    for canaries in (CANARIES[:1], CANARIES[::-1], [CANARIES[0], {HOME: ACTIVE, AWAY: ACTIVE}], []):
        assert [each.partition(",")[0] for each in broken(fine, canaries=canaries)] == ["canaries"]
    assert broken(fine, trained=90.0) == ["RTO of training and publishing"]
    assert broken(fine, trained=90.0, training_waits=Waits(3, 40.0)) == []


def test_waits_at_the_same_time_are_waited_for_once_and_only_since_the_loss() -> None:
    def waited(name: str, *spans: tuple[int, int]) -> list[dict[str, Any]]:
        events = [
            {"type": f"WaitState{what}", "timestamp": datetime.fromtimestamp(at, UTC),
             f"state{what}EventDetails": {"name": name}}
            for begin, end in spans
            for what, at in (("Entered", begin), ("Exited", end))
        ]  # fmt: skip
        return sorted(events, key=lambda event: event["timestamp"])

    assert waits([waited("a", (1, 5), (20, 22)), waited("b", (8, 13), (21, 25))], since=10) == Waits(3, 8.0)
