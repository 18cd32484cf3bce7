"""Why somebody gets what they get is one command."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from config.schema import Fatigue, Own
from config.use_cases import USE_CASES
from engine.data.interactions import Interactions
from engine.data.training_data import TrainingData
from engine.fitting.configs import default
from engine.fitting.fit import fit
from engine.serving import artifacts
from operations.cli import main
from pipeline import keys
from pipeline.generations import Generations
from pipeline.lists import fatigue
from pipeline.lists.batch_input import Audience, write_batch_input
from pipeline.lists.load import Load, Shard, load_recommendations
from pipeline.serving_items import list_item, user_key
from pipeline.storage import Bucket
from pipeline.tracking import lake
from pipeline.tracking.batch import Batch
from pipeline.tracking.shown_lately import notes_of_people
from tests.app.support.in_memory import BUCKET, client
from tests.app.support.tracking_world import event
from tests.support import tables
from tests.support.pauses import LongestPauses

TABLE, CASE = "recs-dev-serving", "training_programs"
ONE, TWO = "20270101T000000000", "20270102T000000000"
EXPIRES = 4_000_000_000
WHERE = ["explain", "--stage", "dev", "--use-case", CASE, "--region", "eu-west-1"]
TEMPLATE = {
    "Resources": {"Nothing": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {"DataBucketName": {"Value": BUCKET}},
}
HISTORY = """\
USER_ID,ITEM_ID,EVENT_TYPE,TIMESTAMP
u1,p1,join,1782864000
u2,p2,view,1782864000
u1,p2,view,1782950400
"""


@pytest.fixture
def stage(bucket: Bucket) -> Any:
    """With two generations of lists, the later one served, and what the later one was made of."""
    client("cloudformation").create_stack(StackName="Dev-eu-west-1-Data", TemplateBody=json.dumps(TEMPLATE))
    dynamodb = client("dynamodb")
    tables.create(dynamodb, TABLE)
    generations = Generations(dynamodb, TABLE, CASE, "personalize")
    for name, lists in ((ONE, {"u1": ["p3"]}), (TWO, {"u1": ["p4", "p3"]})):
        publish(dynamodb, generations, name, lists)
    bucket.write(keys.dataset(CASE, TWO, "interactions"), HISTORY.encode(), "text/csv")
    return dynamodb


def publish(dynamodb: Any, generations: Generations, name: str, lists: Mapping[str, Sequence[str]]) -> None:
    for person, items in lists.items():
        item = list_item(user_key(CASE, person), f"{generations.variant}#{name}", items, EXPIRES)
        dynamodb.put_item(TableName=TABLE, Item=item)
    generations.store(name, ["p9"], users=len(lists), expires=EXPIRES)
    generations.publish(name, users=len(lists))


def explained(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert main([*WHERE, *words]) == 0
    return capsys.readouterr().out.splitlines()


def test_history_own_items_every_generation_and_the_answer_are_told(
    stage: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    told = explained(capsys, "--user", "u1")

    assert told == [
        "training_programs: u1",
        f"history, as run {TWO} was given it: 1 view, 1 join",
        "  2026-07-02T00:00:00Z  view        p2",
        "  2026-07-01T00:00:00Z  join        p1  own: never recommended",
        "stored lists, the served generation of each variant first:",
        f"  personalize {TWO}  2: p4, p3  <- served",
        f"  personalize {ONE}  1: p3",
        f"answer: batch of personalize, generation {TWO}",
        *told[8:],
    ]


def test_an_item_is_told_with_its_places_and_whether_it_is_the_persons_own(
    stage: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    there, own = (explained(capsys, "--user", "u1", "--item", item) for item in ("p3", "p1"))

    assert f"  personalize {TWO}  p3 is 2.; 2: p4, p3  <- served" in there
    assert "item p3 is 2. of the answer" in there
    assert "item p1 is not answered" in own
    assert "  it is the person's own, and own items are never recommended" in own


def test_an_item_that_a_cap_keeps_down_is_told_with_the_cap(
    stage: Any, bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    yoga = [f"y{number}" for number in range(6)]
    rows = [
        "ITEM_ID,LEVEL,CATEGORY",
        *(f"{item},x,yoga" for item in yoga),
        *(f"r{n},x,run" for n in range(5)),
    ]
    bucket.write(keys.dataset(CASE, TWO, "items"), ("\n".join(rows) + "\n").encode(), "text/csv")
    listed = [*yoga[:5], *(f"r{number}" for number in range(5)), yoga[5]]
    publish(stage, Generations(stage, TABLE, CASE, "personalize"), TWO, {"u1": listed})

    down, up = (explained(capsys, "--user", "u1", "--item", item) for item in ("y5", "y4"))

    words = "  a cap keeps it down: among the first 10 are 5 of its CATEGORY already, and no more may be"
    assert words in down and words not in up


def shown(bucket: Bucket, item: str, *days: int, kind: str = "impression") -> None:
    """To u1, on these days of the year of the later run."""
    for day in days:
        moment = int(datetime(2027, 1, day, tzinfo=UTC).timestamp())
        one = event(
            1, event_id=f"{item}-{day}-{kind}", use_case=CASE, user_id="u1", item_id=item, type=kind,
            timestamp=moment,
        )  # fmt: skip
        lake.store(bucket, Batch.of([one]))


def test_an_item_that_rests_is_told_with_the_days_on_which_it_was_shown(
    stage: Any, bucket: Bucket, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By a run that has loaded the lists, in which p5 was shown as often, and acted upon, and p4 once."""
    [case] = [case for case in USE_CASES if case.name == CASE]
    figures = {"shown_days": 2, "days": 3, "most": 0, "among": 3}
    tiring = replace(case, fatigue=Fatigue(**figures))
    monkeypatch.setattr("operations.explaining.command.USE_CASES", (tiring,))
    shown(bucket, "p3", 1, 2)
    shown(bucket, "p4", 2)
    shown(bucket, "p5", 1, 2)
    shown(bucket, "p5", 2, kind="view")
    audience = Audience(
        use_case=CASE, run=TWO, interactions_key=keys.dataset(CASE, TWO, "interactions"), users_key=None,
        own_event_types=("join",), own_includes_user=False, active_within_days=None, users_per_shard=10,
        fatigue=fatigue.Fatigue(**figures),
    )  # fmt: skip
    written = write_batch_input(bucket, audience, notes_of_people(bucket, CASE, TWO, figures["days"]))
    [shard] = [Shard(**one) for one in bucket.read_json(written["shardsKey"])]
    best = {"recommendedItems": ["p3", "p4", "p5", "p6"]}
    lines = [json.dumps({"input": {"userId": person}, "output": best}) for person in ("u2", "u1")]
    bucket.write(shard.output, "\n".join(lines).encode(), "application/jsonlines")
    load = Load(
        use_case=CASE, variant="personalize", generation=TWO, shard=shard, limit=5, expires=EXPIRES,
        popular_key="none.json", fatigue=audience.fatigue,
    )  # fmt: skip
    load_recommendations(stage, TABLE, bucket, load, sleep=lambda _: None, rng=LongestPauses())

    resting, once, acted = (explained(capsys, "--user", "u1", "--item", item) for item in ("p3", "p4", "p5"))
    assert main([*WHERE, "--user", "u1", "--item", "p3", "--json"]) == 0

    assert (
        "  fatigue lets it come 4. instead of 1.: it was shown on 2027-01-01 and 2027-01-02, and nothing was "
        "done with it"
    ) in resting
    assert not [line for line in (*once, *acted) if "fatigue" in line]
    told = json.loads(capsys.readouterr().out)
    assert told["rested"] == {"days": ["2027-01-01", "2027-01-02"], "before": 1, "after": 4}


def test_an_item_that_is_denied_is_told_with_who_said_so(
    stage: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["deny", *WHERE[1:], "--item", "p3", "--reason", "recalled", "--by", "ann"]) == 0
    capsys.readouterr()

    told = explained(capsys, "--user", "u1", "--item", "p3")

    assert f"  personalize {TWO}  p3 is 2.; 2: p4, p3  <- served" in told
    assert "item p3 is not answered" in told
    assert any("on the deny list, by ann at " in line and "recalled" in line for line in told)


def test_who_has_opted_out_gets_what_is_popular_and_it_is_told_why(
    stage: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["opt-out", *WHERE[1:3], *WHERE[-2:], "--user", "u1"]) == 0
    capsys.readouterr()

    told = explained(capsys, "--user", "u1")

    assert f"answer: popular of personalize, generation {TWO}" in told
    assert "  because: has opted out: what is popular, and nothing personal" in told


def test_who_has_no_list_gets_what_is_popular_and_it_is_told_why(
    stage: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    told = explained(capsys, "--user", "nobody")

    assert f"  personalize {TWO}  no list  <- served" in told
    assert f"answer: popular of personalize, generation {TWO}" in told
    assert "  because: has no list in the served generation" in told
    assert f"  run {TWO} knew nothing of the person: no event, no row among the users" in told


def test_an_id_that_fits_no_list_is_told(
    stage: Any, bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    told = explained(capsys, "--user", "\N{GRINNING FACE}" * 250)

    assert "  the id is too long for a stored list of 1,024 bytes (list_bytes)" in told


def test_datasets_that_have_expired_are_told(
    stage: Any, bucket: Bucket, capsys: pytest.CaptureFixture[str]
) -> None:
    bucket.client.delete_object(Bucket=BUCKET, Key=keys.dataset(CASE, TWO, "interactions"))

    told = explained(capsys, "--user", "u1")

    assert f"history: the datasets of run {TWO} are not kept any more" in told
    assert f"answer: batch of personalize, generation {TWO}" in told


def test_nothing_published_yet_is_no_error(stage: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WHERE[:-4], "--use-case", "posts", *WHERE[-2:], "--user", "u1"]) == 0

    told = capsys.readouterr().out
    assert "none: nothing is published" in told and "answer: none of personalize" in told


def test_all_of_it_is_there_as_json(stage: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WHERE, "--user", "u1", "--json"]) == 0

    told = json.loads(capsys.readouterr().out)
    assert told["answer"]["items"] == ["p4", "p3"]
    assert [one["generation"] for one in told["stored"]] == [TWO, ONE]
    assert [event["own"] for event in told["history"]["events"]] == [False, True]


def test_a_stage_that_is_not_deployed_is_told(aws: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*WHERE, "--user", "u1"]) == 1

    assert "Dev-eu-west-1-Data" in capsys.readouterr().err


def test_what_an_item_is_near_to_in_the_history_is_told_by_the_stored_model(
    stage: Any,
    bucket: Bucket,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """p1 and p5 are liked by the same people, p2 and p6 by others."""
    [case] = [case for case in USE_CASES if case.name == CASE]
    both = replace(case, variants=(*case.variants, Own()))
    monkeypatch.setattr("operations.explaining.command.USE_CASES", (both,))
    publish(stage, Generations(stage, TABLE, CASE, "own"), TWO, {"u1": ["p5"]})
    pairs = [(f"x{n}", item) for n in range(30) for item in (("p1", "p5") if n % 2 else ("p2", "p6"))]
    users, items = zip(*pairs, strict=True)
    events = Interactions.from_columns(users, items, [1_782_864_000 + n for n in range(len(pairs))])
    artifacts.save(fit(TrainingData.of(events), default("item-neighbours")), tmp_path / "model")
    bucket.write(keys.model(CASE, "own", TWO), (tmp_path / "model").read_bytes(), "application/octet-stream")

    told = explained(capsys, "--user", "u1", "--item", "p5")

    assert f"  own         {TWO}  p5 is 1.; 1: p5  <- served" in told
    [near] = [line for line in told if "nearest in the history" in line]
    assert "p1 (" in near and "p2" not in near
