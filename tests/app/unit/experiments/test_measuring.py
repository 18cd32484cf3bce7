"""From events in the bucket to the sums of an experiment's arms."""

import gzip
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import EventsUnfinished, InvalidInput, MeasurementBroken, UnknownFormat
from pipeline.measuring import counted_day, counting, days
from pipeline.measuring.experiment import Count, Metric
from pipeline.measuring.measure import measure, report_key
from pipeline.measuring.people import Past, People
from pipeline.statistics.sums import SumsWithPast
from pipeline.tracking.batch import packed
from pipeline.tracking.event import Event
from tests.app.unit.experiments.conftest import HIDES, METRIC, Lake, experiment

START, SECOND, EIGHTH = date(2026, 11, 10), date(2026, 11, 11), date(2026, 11, 18)
LISTS = Metric(name="likes per list", of=Count(types=("like",)), per=Count(types=("list",)))


def plenty() -> float:
    return 900.0


def arms(
    events: Lake, through: date, metric: Metric = METRIC, **other: Any
) -> tuple[SumsWithPast, SumsWithPast]:
    trial = experiment(metric=metric, **other)
    measure(events.bucket, trial, through, plenty)
    people, past = People(trial), Past()
    for number in range(1, (through - START).days + 2):
        counted = days.counted(events.bucket, "posts", trial.day(number))
        if counted:
            people.add(counted)
    for ago in range(3):
        counted = days.counted(events.bucket, "posts", trial.day(-ago))
        if counted:
            past.add(counted, metric)
    return people.sums(metric, past)


def test_sums_are_those_of_people_over_all_their_days(events: Lake) -> None:
    events.happened("2026-11-06", "ann", "impression*50 like*20")
    events.happened("2026-11-07", "ann", "impression like")
    events.happened("2026-11-09", "ann", "impression*5 like*2")
    events.happened("2026-11-10", "ann", "impression*3 like", "treatment")
    events.happened("2026-11-11", "ann", "impression like hide", "treatment")
    events.happened("2026-11-10", "bob", "impression*2", "control")
    events.happened("2026-11-11", "eve", "impression like", "control")
    events.happened("2026-11-11", "ned", "impression*9 like*9")

    control, treatment = arms(events, SECOND)

    assert control == SumsWithPast.of_histories([(0, 2, 0, 0), (1, 1, 0, 0)])
    assert treatment == SumsWithPast.of_histories([(2, 4, 3, 6)])


ACTS = st.tuples(
    st.integers(0, 2), st.sampled_from("abcdef"), st.integers(0, 4), st.integers(0, 3), st.integers(1, 3)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ACTS, max_size=25))
def test_sums_of_any_days_are_those_of_a_plain_count(acts: list[tuple[int, str, int, int, int]]) -> None:
    plain: dict[str, list[int]] = {}
    trial, every_day = experiment(), []
    people = People(trial)
    for day in range(3):
        lines = []
        for of, person, shown, liked, version in acts:
            if of == day and shown + liked:
                if version >= 2:
                    total = plain.setdefault(person, [0, 0])
                    total[0], total[1] = total[0] + liked, total[1] + shown
                arm = "control" if person in "abc" else "treatment"
                lines.append(lines_of(person, shown, liked, arm, version))
        every_day.append(counting.count(trial.day(day + 1).isoformat(), "", lines))
    for counted in every_day:
        people.add(counted_day.unpacked(counted_day.packed(counted), "a day"))

    for found, names in zip(people.sums(METRIC), ("abc", "def"), strict=True):
        histories = [(plain[n][0], plain[n][1], 0, 0) for n in names if n in plain]
        assert found == SumsWithPast.of_histories(histories)


def lines_of(person: str, shown: int, liked: int, arm: str, version: int) -> bytes:
    common: dict[str, Any] = {"use_case": "posts", "item_id": "i", "timestamp": 1, "received_at": 1}
    common |= {"source": "personal", "variant": "own", "user_id": person, "arm": arm, "experiment": version}
    types = ["impression"] * shown + ["like"] * liked
    return packed([Event(event_id=str(n), type=kind, **common) for n, kind in enumerate(types)])


def test_whoever_is_seen_in_both_arms_stays_in_the_first_and_is_told(events: Lake) -> None:
    events.happened("2026-11-10", "ann", "impression*2", "control")
    events.happened("2026-11-11", "ann", "impression like", "treatment")

    control, treatment = arms(events, SECOND)

    assert (control.n, control.x, control.y, treatment.n) == (1, 1, 3, 0)
    assert measure(events.bucket, experiment(), SECOND, plenty).report["people"]["inBothArms"] == 1


def test_only_versions_of_the_experiment_count(events: Lake) -> None:
    for version in (1, 2, 3):
        events.happened("2026-11-10", f"p{version}", "impression", "control", experiment=version)

    assert arms(events, START)[0].n == 2
    assert arms(events, START, last_version=2)[0].n == 1


def test_the_past_of_each_person_is_their_own_and_of_strangers_nothing() -> None:
    day = counting.count("2026-11-09", "", [lines_of(name, 3, 1, "", 1) for name in ("ann", "bob", "eve")])
    past = Past()
    past.add(day, METRIC)
    asked = np.concatenate([day.people, [day.people.min() - 1, day.people.max() + 1]])

    assert past.of(asked).tolist() == [[1, 3]] * 3 + [[0, 0]] * 2
    assert Past().of(day.people).tolist() == [[0, 0]] * 3


def test_lists_are_counted_once_each(events: Lake) -> None:
    for shown_in in ("l1", "l1", "l2", None):
        events.happened("2026-11-10", "ann", "impression*3 like", "control", recommendation_id=shown_in)
    events.happened("2026-11-10", "ann", "like", "control", recommendation_id="never shown")

    control, _ = arms(events, START, LISTS)

    assert (control.x, control.y) == (5, 2)


def test_the_same_day_twice_writes_the_same_and_counts_nothing(events: Lake) -> None:
    events.happened("2026-11-10", "ann", "impression", "control")
    first = measure(events.bucket, experiment(), START, plenty)
    before = objects(events)
    second = measure(events.bucket, experiment(), START, plenty)

    assert (first.counted, second.counted) == ((START,), ())
    assert objects(events) == before


def test_late_events_are_counted_and_a_day_whose_events_are_gone_stays(events: Lake) -> None:
    events.happened("2026-11-10", "ann", "impression", "control")
    events.happened("2026-11-11", "bob", "impression", "control")
    measure(events.bucket, experiment(), SECOND, plenty)
    events.happened("2026-11-10", "eve", "impression", "control")
    gone = list(events.bucket.client.list_objects_v2(Bucket=events.bucket.name, Prefix="events/")["Contents"])
    [of_second] = [entry["Key"] for entry in gone if "date=2026-11-11" in entry["Key"]]
    events.bucket.client.delete_object(Bucket=events.bucket.name, Key=of_second)

    again = measure(events.bucket, experiment(), EIGHTH, plenty)

    assert again.counted == (START,)
    assert again.report["people"]["soFar"]["control"] == 3


def test_without_time_for_a_day_what_is_counted_stays(events: Lake) -> None:
    for day in ("2026-11-10", "2026-11-11"):
        events.happened(day, "ann", "impression", "control")
    left = iter((900.0, 10.0))

    with pytest.raises(EventsUnfinished, match="1 days are counted, 1 have yet to be seen"):
        measure(events.bucket, experiment(), SECOND, lambda: next(left))
    assert measure(events.bucket, experiment(), SECOND, plenty).counted == (SECOND,)


def test_a_day_is_begun_with_ten_minutes_left_and_not_with_less(events: Lake) -> None:
    events.happened("2026-11-10", "ann", "impression", "control")

    with pytest.raises(EventsUnfinished):
        measure(events.bucket, experiment(), START, lambda: 599.9)
    assert measure(events.bucket, experiment(), START, lambda: 600.0).counted == (START,)


@pytest.mark.parametrize(("days", "counted_again"), [(8, True), (9, False)])
def test_a_day_is_counted_again_for_as_long_as_its_events_may_come_late(
    events: Lake, days: int, counted_again: bool
) -> None:
    """Seven days old when they are posted, and a day until they are stored."""
    events.happened("2026-11-10", "ann", "impression", "control")
    measure(events.bucket, experiment(), START, plenty)
    events.happened("2026-11-10", "eve", "impression", "control")

    again = measure(events.bucket, experiment(), START + timedelta(days=days), plenty).counted

    assert (START in again) is counted_again


@pytest.mark.parametrize("torn", [slice(0, 40), slice(0, -3), slice(0, 0)], ids=["header", "body", "empty"])
def test_a_torn_day_is_counted_again_or_refused(events: Lake, torn: slice) -> None:
    events.happened("2026-11-10", "ann", "impression*2", "control")
    measure(events.bucket, experiment(), START, plenty)
    place = days.key("posts", START)
    whole = events.bucket.open(place).read()
    events.bucket.write(place, whole[torn], "")

    assert measure(events.bucket, experiment(), START, plenty).counted == (START,)
    assert events.bucket.open(place).read() == whole
    events.bucket.write(place, whole[torn], "")
    for entry in events.bucket.client.list_objects_v2(Bucket=events.bucket.name, Prefix="events/")[
        "Contents"
    ]:
        events.bucket.client.delete_object(Bucket=events.bucket.name, Key=entry["Key"])
    with pytest.raises(MeasurementBroken, match=r"2026-11-10.counts is not whole"):
        measure(events.bucket, experiment(), START, plenty)


def test_a_day_of_a_newer_version_is_left_alone(events: Lake) -> None:
    newer = b'{"format": 2}\nwhatever'
    events.bucket.write(days.key("posts", START), newer, "")

    with pytest.raises(UnknownFormat):
        measure(events.bucket, experiment(), START, plenty)
    assert events.bucket.open(days.key("posts", START)).read() == newer


def test_lines_that_are_no_events_are_told_and_left_out() -> None:

    good = lines_of("ann", 1, 0, "control", 2)
    bad = [b"{", b"[]", b"{}", b'{"type":"like","source":"s","timestamp":"x","user_id":"u"}']
    bad += [
        b'{"type":"like","source":"s","timestamp":-1,"user_id":"u"}',
        b'{"type":1,"source":"s","timestamp":1}',
    ]
    counted = counting.count("2026-11-10", "", [gzip.compress(b"\n".join(bad)), good])

    assert counted.unreadable == len(bad)
    assert counted.counts.tolist() == [[1]]
    assert np.array_equal(counted.versions, [2])


def test_an_experiment_that_cannot_be_is_refused_with_all_reasons(events: Lake) -> None:
    wrong = experiment(name="a/b", start="x", shares=(1,), treatment="control", days=0, alpha=1)
    with pytest.raises(InvalidInput) as refused:
        measure(events.bucket, wrong, START, plenty)
    for word in ("name", "start", "shares", "different arms", "days", "alpha"):
        assert word in str(refused.value)
    with pytest.raises(InvalidInput, match="begins on 2026-11-10, after 2026-11-09"):
        measure(events.bucket, experiment(), date(2026, 11, 9), plenty)


def objects(events: Lake) -> dict[str, bytes]:
    listed = events.bucket.client.list_objects_v2(Bucket=events.bucket.name)["Contents"]
    return {entry["Key"]: events.bucket.open(entry["Key"]).read() for entry in listed}


def test_reports_lie_by_day_and_as_the_newest(events: Lake) -> None:
    found = measure(events.bucket, experiment(), START, plenty).report

    assert events.bucket.read_json(report_key(experiment(), "2026-11-10")) == found
    assert events.bucket.read_json(report_key(experiment(), "newest")) == found
    assert HIDES.metric.name == found["guardrails"][0]["name"]
