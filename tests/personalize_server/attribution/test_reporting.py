"""What a report counts of the events put since the last one, whatever state the metric attribution is in."""

import math
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from personalize_server.attribution.reporting import report
from personalize_server.facts.options import Options
from personalize_server.facts.timing import timing
from personalize_server.operations.reading import presented
from personalize_server.state.attribution_ledger import all_totals
from personalize_server.state.put_records import PutRecord, insert
from tests.personalize_server.support.clockwork import DAY, Clockwork
from tests.personalize_server.support.journey import ROLE, schema_text

VIEWS = {"eventType": "view", "metricName": "views", "expression": "SAMPLECOUNT()"}
LOOKS = {"eventType": "view", "metricName": "looks", "expression": "SAMPLECOUNT()"}
WORTH = {"eventType": "buy", "metricName": "worth", "expression": "SUM(Interactions.EVENT_VALUE)"}


class Reports(Clockwork):
    """Of a metric attribution whose changes take a day, which is as long as a tenth of its creation."""

    def __init__(self, folder: Path) -> None:
        slow = timing("realistic", DAY / 2)
        self.options = Options(data=folder, timing=slow)
        super().__init__(folder, self.options)
        self.now = time.time() - 1000 * slow.creating("SolutionVersion")
        group = self._made("CreateDatasetGroup", name="g")
        schema = self._made("CreateSchema", name="s", schema=schema_text("Interactions"))
        self.dataset = self._made(
            "CreateDataset", name="d", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
        )
        self.attribution = self._made(
            "CreateMetricAttribution",
            **{"name": "a", "datasetGroupArn": group, "metrics": [VIEWS, WORTH]},
            metricsOutputConfig={"roleArn": ROLE},
        )
        self.now = time.time()

    def _made(self, operation: str, **request: object) -> str:
        answer = self.call(operation, **request)
        self.now += self.options.timing.creating("SolutionVersion")
        return str(next(iter(answer.values())))

    def put(self, kind: str, value: str = "") -> None:
        cells = {"USER_ID": "u", "ITEM_ID": "i", "TIMESTAMP": str(int(time.time())), "EVENT_TYPE": kind}
        record = PutRecord("u", {**cells, "EVENT_VALUE": value})
        insert(self.store, self.dataset, [record])

    def change(self, **changes: object) -> None:
        self.call("UpdateMetricAttribution", metricAttributionArn=self.attribution, **changes)
        listed = self.call("ListMetricAttributionMetrics", metricAttributionArn=self.attribution)
        assert listed["metrics"] == [VIEWS, WORTH], "the change is pending"

    def report(self) -> dict[str, float]:
        """What has been counted in all, by metric."""
        report(self.store, self.options, math.inf)
        return {metric: value for _, metric, _, _, value in all_totals(self.store)}


@pytest.fixture
def reports(tmp_path: Path) -> Iterator[Reports]:
    with Reports(tmp_path) as made:
        yield made


def test_what_another_process_deletes_is_described_as_it_was_read(reports: Reports) -> None:
    record = reports.context.find("MetricAttribution", reports.attribution)
    reports.store.remove(reports.attribution)
    assert presented(reports.context, record)["status"] == "ACTIVE"


@pytest.mark.parametrize("between", [False, True], ids=["one report", "reports all the time"])
def test_changes_of_metrics_count_from_the_request_on_while_they_are_pending(
    reports: Reports, between: bool
) -> None:
    reports.put("view")
    reports.change(removeMetrics=["views"], addMetrics=[LOOKS])
    if between:
        assert reports.report() == {"views": 1.0}
    for _ in range(2):
        reports.put("view")
    assert reports.report() == {"views": 1.0, "looks": 2.0}
    reports.put("view")
    assert reports.report() == {"views": 1.0, "looks": 3.0}


def test_values_that_no_number_can_hold_do_not_stop_an_attribution(reports: Reports) -> None:
    """Servers of before took them."""
    for value in ("1e999", "2.5"):
        reports.put("buy", value)
    assert reports.report() == {"worth": 2.5}
    reports.put("buy", "-1e999")
    reports.put("view")
    assert reports.report() == {"worth": 2.5, "views": 1.0}


def test_sums_that_no_number_can_hold_do_not_stop_an_attribution(reports: Reports) -> None:
    for value in ("1.7e308", "-1.7e308"):
        for _ in range(3):
            reports.put("buy", value)
        assert reports.report().keys() == {"worth"}
    reports.put("view")
    assert reports.report()["views"] == 1.0
