"""Tables of record, restored: what is missing comes back, and nothing that is newer is touched."""

import json
import time
from typing import Any

import pytest

from operations.restoring.beside import RestoreRefused
from operations.restoring.command import BY
from pipeline.experiments.items import current_key, version_key
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.moments import next_second
from tests.local_cloud.support.restored_stage import RestoredStage, held

PEOPLE = [f"p{number:02d}" for number in range(30)]
LATER = {"N": str(int(time.time()) + 90 * 86_400)}


@pytest.fixture
def stage(aws: LocalAws) -> RestoredStage:
    return RestoredStage(aws)


def test_a_third_of_opt_outs_and_devices_is_lost_and_all_come_back(
    stage: RestoredStage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.make("notifications")
    for number, person in enumerate(PEOPLE):
        stage.opt_out(person, now=1_000)
        stage.register(person, "phone", f"token-{number}", now=1_000)
        stage.put("notifications", f"user#{person}", "inbox#2026-W48.weekly", expires=LATER)
        stage.put("notifications", f"user#{person}", "claim#2026-W48#weekly", email_state={"S": "sent"})
    stage.put("notifications", "user#p00", "inbox#2020-W01.weekly", expires={"N": "1577836800"})
    at, then = stage.moment("notifications"), stage.items("notifications")
    lost = PEOPLE[::3]
    for person in lost:
        stage.forget_opt_out(person)
        stage.devices.forget(person, "phone")
        stage.delete("notifications", f"user#{person}", "claim#2026-W48#weekly")
    stage.delete("notifications", "user#p00", "inbox#2020-W01.weekly")
    # Since: one more opts out, one opts out again, one reads, and a phone is handed on.
    stage.opt_out("new", now=9_000)
    stage.opt_out("p01", now=9_000)
    read = {"expires": LATER, "readAt": {"S": "now"}}
    stage.put("notifications", "user#p01", "inbox#2026-W48.weekly", **read)
    stage.register("new", "phone", "token-4", now=9_000)
    since = stage.items("notifications")

    assert stage.restore("notifications", at, "--json", "--remove") == 0

    told, after = json.loads(capsys.readouterr().out), stage.items("notifications")
    assert {name: after[name] for name in since} == since
    back = {name: item for name, item in after.items() if name not in since}
    assert {name: then[name] for name in back} == back
    opted_out = {pk for pk, sk in after if sk == "consent#email"}
    assert opted_out == {f"user#{person}" for person in (*PEOPLE, "new")}
    # A phone that is somebody else's by now gets nobody else's messages, and what has expired is over.
    assert then.keys() - after.keys() == {
        ("user#p04", "device#phone"),
        ("user#p00", "inbox#2020-W01.weekly"),
    }
    kinds = {name: (of["missing"], of["put_back"], of["open"]) for name, of in told["kinds"].items()}
    assert kinds == {
        "opt-outs": (10, 10, 0),
        "devices": (11, 10, 0),
        "claims": (10, 10, 0),
        "inbox": (1, 0, 0),
        "owners of endpoints": (10, 10, 0),
    }
    assert told["removed"]
    assert stage.tables() == [stage.table("notifications")]


def test_a_restore_that_failed_midway_goes_on_and_then_finds_nothing_to_do(
    stage: RestoredStage, capsys: pytest.CaptureFixture[str]
) -> None:
    stage.make("notifications")
    for person in PEOPLE:
        stage.opt_out(person, now=1_000)
    at, then = stage.moment("notifications"), stage.items("notifications")
    for person in PEOPLE[5:]:
        stage.forget_opt_out(person)
    failing, calls = stage.own_client(), iter(range(1_000))

    def fail(**_: Any) -> None:
        if next(calls) >= 7:
            raise ConnectionError("the line is cut")

    failing.meta.events.register("before-call.dynamodb.PutItem", fail)
    with pytest.raises(ConnectionError):
        stage.restore("notifications", at, client=failing)
    assert 5 <= len(stage.items("notifications")) < len(PEOPLE)

    assert stage.restore("notifications", at, "--compare-only") == 1
    assert stage.restore("notifications", at) == 0
    assert stage.items("notifications") == then
    capsys.readouterr()
    assert stage.restore("notifications", at, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert {name: (of["equal"], of["put_back"]) for name, of in told["kinds"].items()} == {
        "opt-outs": (30, 0)
    }
    # It stays until somebody says so, and says what made it.
    arn = stage.db.describe_table(TableName=told["beside"])["Table"]["TableArn"]
    assert stage.db.list_tags_of_resource(ResourceArn=arn)["Tags"] == [{"Key": "restored-by", "Value": BY}]
    assert stage.restore("notifications", at, "--remove") == 0
    assert stage.tables() == [stage.table("notifications")]


def test_whoever_writes_while_items_are_put_back_has_the_last_word(stage: RestoredStage) -> None:
    stage.make("notifications")
    stage.opt_out("ann", now=1_000)
    at = stage.moment("notifications")
    stage.forget_opt_out("ann")
    slow = stage.own_client()
    slow.meta.events.register("before-call.dynamodb.PutItem", lambda **_: stage.opt_out("ann", now=9_000))

    assert stage.restore("notifications", at, "--remove", client=slow) == 0

    assert stage.items("notifications")["user#ann", "consent#email"]["at"] == {"S": "1970-01-01T02:30:00Z"}


def test_what_is_less_than_it_was_is_mended_when_asked_and_nothing_is_counted_twice(
    stage: RestoredStage, capsys: pytest.CaptureFixture[str]
) -> None:
    name = stage.make("tracking")
    stage.put("tracking", "count#posts#2026-11-29", "10#0", **{"impressions|own|model": {"N": "100"}})
    stage.put("tracking", "count#posts#2026-11-29", "11#0", **{"impressions|own|model": {"N": "7"}})
    stage.put("tracking", "event#a", "claim", batch={"S": "b"}, expires=LATER)
    stage.put("tracking", "batch#b", "batch", lines={"B": b"x"}, expires=LATER)
    stage.put("tracking", "recent#posts#erased", "1#a", item={"S": "i"}, expires=LATER)
    stage.put("tracking", "recent#posts#ann", "1#a", item={"S": "i"}, expires=LATER)
    stage.put("tracking", "surprise#1", "-")
    at = stage.moment("tracking")
    for pk, sk in held(stage.db, name):
        stage.delete("tracking", pk, sk)
    stage.put("tracking", "count#posts#2026-11-29", "10#0", **{"impressions|own|model": {"N": "5"}})
    erased = stage.aws.settings.state_dir / "erased.txt"
    erased.write_text("erased\n")
    words = ("--except-users", str(erased), "--json")

    # What nobody knows is left alone, and said.
    assert stage.restore("tracking", at, *words) == 1
    assert stage.items("tracking").keys() == {
        ("count#posts#2026-11-29", "10#0"),
        ("count#posts#2026-11-29", "11#0"),
        ("event#a", "claim"),
        ("recent#posts#ann", "1#a"),
    }
    counters = json.loads(capsys.readouterr().out)["kinds"]["counters"]
    assert (counters["put_back"], counters["changed"], counters["less"], counters["mended"]) == (1, 1, 1, 0)
    for mended in (1, 0):
        assert stage.restore("tracking", at, *words, "--changed", "mend") == 1
        told = json.loads(capsys.readouterr().out)
        assert told["kinds"]["counters"]["mended"] == mended
        assert told["kinds"]["of no known kind"]["then"] == 1
        counted = stage.items("tracking")["count#posts#2026-11-29", "10#0"]
        assert counted["impressions|own|model"] == {"N": "100"}


def test_of_the_serving_table_experiments_come_back_and_lists_do_not(stage: RestoredStage) -> None:
    stage.make("serving")

    def experiment(use_case: str, number: int, *, current: bool = True) -> None:
        keys = [version_key(use_case, number), *([current_key(use_case)] if current else [])]
        for each in keys:
            stage.put("serving", each["pk"]["S"], each["sk"]["S"], version={"N": str(number)})

    for number in (1, 2):
        experiment("posts", number)
        experiment("users", number)
    stage.put("serving", "user#posts#ann", "own#1", expires=LATER)
    stage.put("serving", "region#active", "000000001#eu-west-1", epoch={"N": "1"})
    at, then = stage.moment("serving"), stage.items("serving")
    for pk, sk in then:
        stage.delete("serving", pk, sk)
    experiment("users", 3, current=False)
    later = stage.items("serving")

    assert stage.restore("serving", at) == 0

    # The version that was current is history by now: which one is current is for somebody to say.
    gone = {("user#posts#ann", "own#1"), ("experiment#users", "current")}
    assert stage.items("serving") == {k: v for k, v in then.items() if k not in gone} | later


def test_all_that_speaks_against_a_restore_is_said_and_nothing_is_made(stage: RestoredStage) -> None:
    for what in ("notifications", "serving"):
        stage.make(what, recoverable=what == "notifications")
    early = next_second().replace(year=2020)

    def refused(what: str, *words: str, at: Any = early) -> str:
        with pytest.raises(RestoreRefused) as refusal:
            stage.restore(what, at, *words)
        return str(refusal.value)

    for words, said in (
        (("notifications",), ("is outside of what can be restored of",)),
        (("serving",), ("has no point-in-time recovery",)),
        (("tracking",), (f"there is no table {stage.table('tracking')} in eu-west-1",)),
        (("other",), ("their names end in -notifications, -tracking, -serving", "there is no table")),
        (
            ("notifications", "--only", "pets,inbox", "--to", "?", "--except-users", "nowhere.txt"),
            ("--only pets: the table has opt-outs", "'?' is no name of a table", "nowhere.txt", "is outside"),
        ),
        (("notifications", "--to", stage.table("notifications")), ("is there and is not",)),
    ):
        told = refused(*words)
        assert len(told.splitlines()) == len(said), told
        assert [part for part in said if part not in told] == []
    for time_said, said_of_it in (("yesterday", "is no time"), ("2026-11-29T10:00:00", "has no zone")):
        told = refused("notifications", "--at", time_said)
        assert said_of_it in told
    assert stage.tables() == sorted(map(stage.table, ("notifications", "serving")))


def test_a_dry_run_writes_nothing_and_a_table_that_somebody_else_made_stays(stage: RestoredStage) -> None:
    name = stage.make("notifications")
    stage.opt_out("ann", now=1_000)
    at = stage.moment("notifications")
    stage.forget_opt_out("ann")

    assert stage.restore("notifications", at, "--dry-run") == 0
    assert stage.tables() == [name]
    theirs = f"{name}-theirs"
    stage.db.restore_table_to_point_in_time(SourceTableName=name, TargetTableName=theirs, RestoreDateTime=at)
    stage.db.get_waiter("table_exists").wait(TableName=theirs, WaiterConfig={"Delay": 1})
    assert stage.restore("notifications", at, "--to", theirs, "--dry-run") == 1
    assert stage.items("notifications") == {}
    assert stage.restore("notifications", at, "--to", theirs, "--remove") == 1
    assert stage.items("notifications").keys() == {("user#ann", "consent#email")}
    assert stage.tables() == [name, theirs]
