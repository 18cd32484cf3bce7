"""What the ramp reads is what the measurement and the comparison write, and they take what it asks for."""

from __future__ import annotations

from datetime import date

import pytest

from pipeline.comparison import stored
from pipeline.errors import InvalidInput
from pipeline.experiments.store import Past
from pipeline.measuring import measure
from pipeline.measuring.experiment import Experiment
from pipeline.measuring.report import Seen
from pipeline.measuring.report import report as written
from pipeline.ramping import evidence, measured, reading
from pipeline.ramping.measured import Guarded, Measuring
from pipeline.statistics.decision import Verdict
from pipeline.statistics.sums import Sums, SumsWithPast
from pipeline.storage import Bucket
from steps.request import read_request
from tests.app.support.experiments.experimenting import experiment
from tests.app.unit.ramping.world import NOW, health

GUARDED = Guarded(name="impressions per person", events=("impression",), margin=0.05)
MEASURING = Measuring(actions=("like",), people=100, effect=0.05, guardrails=(GUARDED,))
RUNNING = experiment(version=3, changed_at="2027-01-05T00:00:00Z", started_at="2027-01-01T00:00:00Z")


def asked() -> Experiment:
    history = [Past(3, RUNNING)]
    of = measured.measured(RUNNING, history)
    assert of
    found: Experiment = read_request(Experiment, measured.request("posts", RUNNING, of, MEASURING, history))
    return found


def test_the_measurement_takes_what_the_ramp_asks_for() -> None:
    found = asked()

    found.check()
    assert (found.start, found.first_version, found.people) == ("2027-01-05", 3, 100)
    assert found.guardrails[0].metric.per is None
    assert measure.report_key(found, "newest") == measured.report_key(
        "posts", measured.Measured(name=found.name, start=NOW, first_version=3)
    )


def people(each: float, shown: float, n: int = 200) -> SumsWithPast:
    return SumsWithPast.of_histories((each + k % 3, shown + k % 5, 0.0, 0.0) for k in range(n))


def seen(*, counts: tuple[int, int] = (200, 200), guard: float = 40.0) -> Seen:
    once = (
        SumsWithPast.of_histories((40.0 + k % 5, 1, 0, 0) for k in range(200)),
        SumsWithPast.of_histories((guard + k % 5, 1, 0, 0) for k in range(200)),
    )
    return Seen({1: counts}, 0, (people(3, 50), people(3, 50)), [once], [(0, Sums(), Sums())], 0)


@pytest.mark.parametrize(
    ("found", "right", "broken"),
    [
        (seen(), True, ()),
        (seen(counts=(1_000, 3_000)), False, ()),
        (seen(guard=20.0), True, ("impressions per person",)),
    ],
)
def test_a_report_is_read_as_it_was_written(found: Seen, right: bool, broken: tuple[str, ...]) -> None:
    report = evidence.Report.of(written(asked(), date(2027, 1, 12), found))

    assert (report.day, report.split_is_right, report.broken) == ("2027-01-12", right, broken)
    assert report.words


def test_verdicts_have_the_same_words() -> None:
    assert {evidence.SHIP, evidence.WORSE, evidence.NOTHING_BIGGER} < {str(verdict) for verdict in Verdict}


def test_the_newest_comparison_of_the_pair_is_found(bucket: Bucket) -> None:
    for run, words in (("20270101T000000000", "old"), ("20270102T000000000", "short lists")):
        found = {"format": 1, "run": run, "blocks": [{"words": words}]}
        bucket.write_json(stored.key("posts", run, "personalize", "own"), found)
    bucket.write_json(stored.key("posts", "20270103T000000000", "personalize", "heuristic"), {"format": 1})

    known = reading.evidence(
        bucket, health(), use_case="posts", report_key=None, variants=("personalize", "own")
    )

    assert known.compared == evidence.Compared(run="20270102T000000000", blocks=("short lists",))
    assert known.report is None and not known.unread


def test_what_newer_code_wrote_or_is_torn_is_said_and_not_believed(bucket: Bucket) -> None:
    key = "measured/use_case=posts/reports/x/newest.json"
    bucket.write_json(stored.key("posts", "20270102T000000000", "personalize", "own"), {"format": 99})
    bucket.write_json(key, {"format": 1, "day": "2027-01-12", "split": {"right": "yes"}})

    known = reading.evidence(
        bucket, health(), use_case="posts", report_key=key, variants=("personalize", "own")
    )

    assert (known.report, known.compared) == (None, None)
    assert [unread.partition(" (")[0] for unread in known.unread] == ["the measurement", "the comparison"]
    with pytest.raises(InvalidInput):
        evidence.Compared.of({"run": "r", "blocks": [{}]})


def test_of_what_cannot_be_read_the_first_three_hundred_characters_are_told(bucket: Bucket) -> None:
    key = f"measured/{'x' * 400}.json"
    bucket.write_json(key, {"format": 99})

    known = reading.evidence(
        bucket, health(), use_case="posts", report_key=key, variants=("personalize", "own")
    )

    assert [len(unread) for unread in known.unread] == [300]
