"""Sums of events, ids of recommendations and state files of before, taken by themselves."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from personalize_server.attribution.expressions import ExpressionError, Metric, check_metrics, metric_of
from personalize_server.attribution.places import destination
from personalize_server.attribution.spans import Spans
from personalize_server.attribution.sums import UNDEFINED, Events, Key, Sums, add, limited
from personalize_server.data.avro_schema import Field
from personalize_server.state import migrations
from personalize_server.state.attribution_ledger import Ledger, all_totals
from personalize_server.state.recommendation_ids import RecommendationIds, source_of
from personalize_server.state.store import Record, Store

CAMPAIGN = "arn:aws:personalize:eu-west-1:123456789012:campaign/films"
ATTRIBUTION = "arn:aws:personalize:eu-west-1:123456789012:metric-attribution/clicks"
METRICS = (
    Metric(name="views", event_type="view"),
    Metric(name="value", event_type="view", column="EVENT_VALUE"),
    Metric(name="sales", event_type="buy", column="PRICE", of_items=True),
)
EVENTS = (Field("EVENT_TYPE", "string"), Field("EVENT_VALUE", "float"))
TYPES, SOURCES, PRICES = ("view", "buy"), ("mail", CAMPAIGN), (1.0, 2.5, float("nan"))
ROWS = st.lists(
    st.tuples(
        st.integers(0, 4000),
        st.integers(-1, 1),
        st.integers(-1, 1),
        st.integers(-1, 2),
        st.sampled_from([0.0, 0.5, -2.0, float("nan")]),
    ),
    max_size=40,
)


def events_of(rows: list[tuple[int, int, int, int, float]]) -> Events:
    times, types, sources, items, numbers = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return Events(
        times=np.array(times, np.int64),
        types=np.array(types, np.int32),
        type_words=TYPES,
        sources=np.array(sources, np.int32),
        source_words=SOURCES,
        items=np.array(items, np.int32),
        numbers=lambda column: np.array(numbers, np.float64),
        item_numbers=lambda column: np.array(PRICES),
    )


@given(ROWS, st.one_of(st.none(), st.integers(0, 4000)))
def test_sums_are_those_of_one_event_after_the_other(
    rows: list[tuple[int, int, int, int, float]], since: int | None
) -> None:
    wanted: Counter[Key] = Counter()
    for when, type_, source, item, number in rows:
        word = SOURCES[source] if source >= 0 else UNDEFINED
        for metric in METRICS:
            value = {"views": 1.0, "value": number, "sales": PRICES[item] if item >= 0 else float("nan")}
            counts = type_ >= 0 and TYPES[type_] == metric.event_type and when >= (since or 0)
            if counts and value[metric.name] == value[metric.name]:
                wanted[Key(metric, word, when // 900 * 900)] += value[metric.name]  # type: ignore[assignment]
    found: Sums = {}
    middle = len(rows) // 2
    for part in (rows[:middle], rows[middle:]):
        add(found, events_of(part), METRICS, since=since)
    assert found == dict(wanted)


def test_a_metric_counts_what_came_while_it_was_there() -> None:
    def attribute(name: str) -> dict[str, str]:
        return {"metricName": name, "eventType": "view", "expression": "SAMPLECOUNT()"}

    views, likes = attribute("views"), attribute("likes")
    began = Spans.of({})
    spans = Spans.of(began.changed([views], [likes], newest=10, counted=4).own())
    assert [spans.next_change(after, 20) for after in (4, 10)] == [10, 20]
    assert [metric.name for metric in spans.counting([likes], 4)] == ["views"]
    assert [metric.name for metric in spans.counting([likes], 10)] == ["likes"]
    again = spans.changed([likes], [views], newest=15, counted=12)
    assert [entry.attribute["metricName"] for entry in again.ended] == ["likes"], "the other is reported"
    assert [metric.name for metric in again.counting([views], 12)] == ["likes"]
    assert [metric.name for metric in again.counting([views], 15)] == ["views"]


@given(st.lists(st.text("ab", min_size=1, max_size=3), max_size=20), st.integers(1, 4))
def test_no_more_sources_are_told_apart_than_allowed(sources: list[str], most: int) -> None:
    sums = {Key(METRICS[0], source, 0): 1.0 for source in sources}
    kept = limited(sums, ["known"], most)
    assert sum(kept.values()) == len(set(sources))
    assert len({key.source for key in kept} - {UNDEFINED}) <= most - ("known" not in sources)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(Store(tmp_path_factory.mktemp("ids") / "state.sqlite3")) as store:
        store.execute("INSERT INTO recommending (arn) VALUES (?)", CAMPAIGN)
        yield store


@given(st.text(max_size=40) | st.from_regex(r"RID-[0-9a-f]{20}-[0-9a-f]{8}-[0-9a-f]{6}", fullmatch=True))
def test_an_id_that_somebody_made_up_is_of_no_campaign(store: Store, made_up: str) -> None:
    assert RecommendationIds(store).arn(made_up) is None


def test_an_id_tells_its_campaign_to_those_of_the_same_account_and_region(store: Store) -> None:
    identity = RecommendationIds(store).new(CAMPAIGN)
    again = RecommendationIds(store)
    assert again.arn(identity) == CAMPAIGN
    assert source_of(again, ATTRIBUTION)(identity) == CAMPAIGN
    for other in ("eu-west-1:210987654321", "us-east-1:123456789012"):
        assert source_of(again, f"arn:aws:personalize:{other}:metric-attribution/clicks")(identity) is None
    changed = identity[:-1] + ("0" if identity[-1] != "0" else "1")
    assert again.arn(changed) is None


@pytest.mark.parametrize("kind", ["Campaign", "Recommender"])
def test_an_id_outlives_what_it_is_of(store: Store, kind: str) -> None:
    arn = f"arn:aws:personalize:eu-west-1:123456789012:{kind.lower()}/shortlived"
    about: dict[str, Any] = {
        "account": "123456789012",
        "region": "eu-west-1",
        "name": "shortlived",
        "body": {},
    }
    store.insert(Record(arn=arn, kind=kind, created=1.0, updated=1.0, **about))
    identity = RecommendationIds(store).new(arn)
    store.remove(arn)
    assert RecommendationIds(store).arn(identity) == arn


def test_a_state_of_before_attributions_counts_from_the_upgrade_on(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite3"
    db = sqlite3.connect(path, isolation_level=None)
    for number, step in enumerate(migrations._STEPS[:3], 1):
        db.executescript(f"BEGIN; {step} PRAGMA user_version = {number}; COMMIT;")
    columns = "arn, kind, account, region, name, body, own, created, updated, phase, phase_since"
    for arn, kind in ((CAMPAIGN, "Campaign"), (ATTRIBUTION, "MetricAttribution")):
        row = (arn, kind, "123456789012", "eu-west-1", "n", "{}", "{}", 1.0, 1.0, "create", 1.0)
        db.execute(f"INSERT INTO resources ({columns}) VALUES ({', '.join('?' * len(row))})", row)
    db.execute("INSERT INTO put_records (dataset, subject, cells) VALUES (?, 'u', '{}')", (CAMPAIGN,))
    db.close()
    with closing(Store(path)) as store:
        assert Ledger(store, ATTRIBUTION).counted == 1
        assert RecommendationIds(store).arn(RecommendationIds(store).new(CAMPAIGN)) == CAMPAIGN
        assert all_totals(store) == []


@pytest.mark.parametrize("text", ["", "SUM(PRICE)", "SUM(Users.AGE)", "SAMPLECOUNT", "SUM(Items.A) + 1"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(ExpressionError, match="SAMPLECOUNT"):
        metric_of({"metricName": "m", "eventType": "view", "expression": text})


@pytest.mark.parametrize(
    ("text", "column", "of_items"),
    [
        ("SUM(ITEMS.MARGIN)", "MARGIN", True),
        ("sum( items.Margin )", "Margin", True),
        ("Sum(INTERACTIONS.EVENT_VALUE)", "EVENT_VALUE", False),
        ("SampleCount()", None, False),
    ],
)
def test_functions_and_datasets_are_in_any_case(text: str, column: str | None, of_items: bool) -> None:
    metric = metric_of({"metricName": "m", "eventType": "view", "expression": text})
    assert (metric.column, metric.of_items) == (column, of_items)
    fields = {"ITEMS": [Field("MARGIN", "double"), Field("Margin", "double")], "INTERACTIONS": EVENTS}
    check_metrics([{"metricName": "m", "eventType": "view", "expression": text}], fields)


def test_a_destination_is_a_folder_whether_it_ends_in_a_slash_or_not() -> None:
    for path in ("s3://bucket/folder", "s3://bucket/folder/"):
        config = {"metricsOutputConfig": {"s3DataDestination": {"path": path}}}
        assert str(destination(config)) == "s3://bucket/folder/"
    assert destination({"metricsOutputConfig": {"roleArn": "role"}}) is None
