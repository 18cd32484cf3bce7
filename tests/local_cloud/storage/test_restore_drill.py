"""The drill: restored beside, compared, removed; and what it would notice."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.schema import Backups
from operations.restoring.beside import RestoreRefused
from operations.restoring.samples import Sample, judged
from tests.app.support.business.stages import LOCAL, PROD
from tests.local_cloud.support.local_aws import LocalAws
from tests.local_cloud.support.restored_stage import RestoredStage

DIGESTS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([b"1", b"2"]), max_size=6)


def sample(digests: dict[str, bytes], more: int = 0) -> Sample:
    return Sample({"k": len(digests) + more}, {("k", (key, "-")): value for key, value in digests.items()})


@given(DIGESTS, DIGESTS, st.data())
def test_what_did_not_move_must_be_restored_as_it_was(
    before: dict[str, bytes], after: dict[str, bytes], data: st.DataObject
) -> None:
    still = {key for key in before if before[key] == after.get(key)}
    moving = {key: value for key, value in (before | after).items() if key not in still}
    some = data.draw(st.sets(st.sampled_from(sorted(moving)))) if moving else set()
    restored = {key: before[key] for key in still} | {key: moving[key] for key in some}

    def found(restored: dict[str, bytes], more: int = 0) -> Any:
        return judged(sample(before), sample(after), sample(restored, more), every=1).get("k")

    good = found(restored)
    assert good is None or not (good.wrong or good.off)
    if still:
        victim = data.draw(st.sampled_from(sorted(still)))
        assert found({key: value for key, value in restored.items() if key != victim}).wrong == (
            f"{victim} -",
        )
        assert found(restored | {victim: b"other"}).wrong == (f"{victim} -",)
    assert found(restored, more=99).off
    if not moving:
        assert found(restored | {"ghost": b"1"}).wrong == ("ghost -",)


def test_a_drill_restores_each_table_of_the_stage_and_leaves_nothing(
    aws: LocalAws, capsys: pytest.CaptureFixture[str]
) -> None:
    stage = RestoredStage(aws)
    stages = (replace(LOCAL, name=stage.name, backups=Backups(drills=True)),)
    for what in ("notifications", "tracking"):
        stage.make(what)
    for number in range(150):
        stage.opt_out(f"p{number}", now=1_000)
        stage.put(
            "tracking", f"event#{number}", "claim", lines={"B": bytes([number])}, who={"SS": ["b", "a"]}
        )
    name = stage.table("notifications")
    at = stage.moment("notifications")
    # What a drill that was cut off has left, and what somebody else has made.
    cut_off = f"{name}-drill-{at:%Y%m%dT%H%M%SZ}"
    for left, mine in ((f"{name}-drill-before", True), (f"{name}-drill-theirs", False), (cut_off, False)):
        stage.db.restore_table_to_point_in_time(
            SourceTableName=name, TargetTableName=left, RestoreDateTime=at
        )
        stage.db.get_waiter("table_exists").wait(TableName=left, WaiterConfig={"Delay": 1})
        arn = stage.db.describe_table(TableName=left)["Table"]["TableArn"]
        tags = [{"Key": "restored-by", "Value": "recommendations-restore-drill"}] if mine else []
        stage.db.tag_resource(ResourceArn=arn, Tags=[{"Key": "some", "Value": "tag"}, *tags])

    assert stage.drill("--json", stages=stages) == 0

    told = json.loads(capsys.readouterr().out)
    kinds = {table["table"]: table["kinds"] for table in told["tables"]}
    assert told["good"]
    assert {
        table: {kind: (of["before"], of["restored"], of["judged"]) for kind, of in found.items()}
        for table, found in kinds.items()
    } == {
        name: {"opt-outs": (150, 150, 150)},
        stage.table("tracking"): {"counted events": (150, 150, 150)},
    }
    assert stage.tables() == [name, f"{name}-drill-theirs", stage.table("tracking")]
    assert len(stage.items("notifications")) == 150


def test_a_stage_that_is_not_for_drills_is_left_alone(aws: LocalAws) -> None:
    stage = RestoredStage(aws)

    def refused(stages: Any) -> str:
        with pytest.raises(RestoreRefused) as refusal:
            stage.drill(stages=stages)
        return str(refusal.value)

    assert "is not for drills" in refused((replace(PROD, name=stage.name),))
    assert "there is no stage" in refused((PROD,))
    assert "has no table in eu-west-1" in refused((replace(LOCAL, name=stage.name),))
    stage.make("notifications", recoverable=False)
    assert "has no point-in-time recovery" in refused((replace(LOCAL, name=stage.name),))
