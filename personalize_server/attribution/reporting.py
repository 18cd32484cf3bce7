"""Counts the events that came one by one since the last report, and publishes reports."""

import logging
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from personalize_server.attribution.places import destination, file_name
from personalize_server.attribution.put import events_between
from personalize_server.attribution.reports import csv_text, totals_of
from personalize_server.attribution.spans import Spans
from personalize_server.attribution.sums import FRESH_SECONDS, Sums, add, limited
from personalize_server.data.dataset_contents import DatasetContent, dataset_content
from personalize_server.data.parts import parts_of
from personalize_server.facts.failures import JobFailed
from personalize_server.facts.options import Options
from personalize_server.objects.access import access_of
from personalize_server.objects.opening import objects_of
from personalize_server.state.attribution_ledger import Ledger
from personalize_server.state.context import Caller, Context, no_wake
from personalize_server.state.put_records import EventReader, newest_seq, seq_after
from personalize_server.state.recommendation_ids import RecommendationIds, source_of
from personalize_server.state.store import Record, Store
from personalize_server.state.updates import effective_body, requested_body

_AT_ONCE = 100_000
"""events in memory"""
_METHOD = "PutEvents"
_log = logging.getLogger(__name__)


def report(store: Store, options: Options, began: float) -> None:
    """Counts what the attributions have not since the current period `began`; publishes what waits."""
    newest = newest_seq(store)  # before metrics are read: those added later begin behind it
    for record in store.everything("MetricAttribution"):
        if record.phase == "delete":
            continue
        try:
            attribution = _Attribution(store, options, record)
            attribution.count(newest, began)
            attribution.publish()
        except Exception:
            _log.exception("metric attribution not reported", extra={"arn": record.arn})


class _Attribution:
    def __init__(self, store: Store, options: Options, record: Record) -> None:
        self._store = store
        self._options = options
        self._record = record
        self._ledger = Ledger(store, record.arn)
        context = Context(Caller(record.account, record.region), store, options, store.now(), no_wake)
        self._body = effective_body(context, record)
        self._metrics = requested_body(record)["metrics"]  # spans know since when
        self._spans = Spans.of(record.own)

    def count(self, newest: int, began: float) -> None:
        """What has come since the last time up to the `newest` record, in one report."""
        counted = self._ledger.counted
        if self._ledger.reported >= began or counted >= newest:
            return
        sums: Sums = {}
        interactions = self._content("INTERACTIONS")
        if interactions is not None:
            with self._items() as items:
                self._add(sums, interactions.arn, counted, newest, items)
        most = self._options.quotas.event_attribution_sources
        self._keep(limited(sums, self._ledger.sources, most), counted, newest)

    def publish(self) -> None:
        """A report keeps its name and content until it is known to have been written.

        One that is written twice, after a server died in between, is the same object.
        """
        waiting = self._ledger.waiting()
        if not waiting:
            return
        folder = destination(self._body)
        role = self._body["metricsOutputConfig"].get("roleArn")
        objects = objects_of(access_of(self._options, self._record.region, role))
        for name in waiting:
            try:
                if folder is None:
                    raise JobFailed("The metric attribution has no S3 destination any more.")
                objects.put(folder.inside(name), self._ledger.content(name).encode())
            except JobFailed as failure:
                problem = f"The report {name} could not be published, and will be tried again. {failure}"
                self._ledger.fail(problem)
                _log.warning("report not published", extra={"arn": self._record.arn, "reason": problem})
                return
            self._ledger.published(name)
        self._ledger.fail(None)

    def _add(self, sums: Sums, dataset: str, after: int, newest: int, items: Sequence[Path]) -> None:
        """Piece by piece, of whose records a metric counts all or none."""
        source = source_of(RecommendationIds(self._store), self._record.arn)
        since = time.time() - FRESH_SECONDS
        with closing(EventReader(self._options.state_file)) as reader:
            while after < newest:
                metrics = self._spans.counting(self._metrics, after)
                until = self._spans.next_change(after, newest)
                until = seq_after(self._store, dataset, after, until, _AT_ONCE)
                add(sums, events_between(reader, dataset, after, until, items, source), metrics, since=since)
                after = until

    def _keep(self, sums: Sums, counted: int, newest: int) -> None:
        """Both the sums and that they have been counted, or nothing where somebody else has been faster."""
        now = self._store.now()
        with self._store.transaction():
            if self._store.get(self._record.arn) is None or not self._ledger.move_on(counted, newest, now):
                return
            if sums and destination(self._body) is not None:
                self._ledger.keep(file_name(_METHOD, now), csv_text(sums))
            self._ledger.add_totals(totals_of(sums))

    def _content(self, dataset_type: str) -> DatasetContent | None:
        group = self._record.links["datasetGroupArn"]
        return dataset_content(self._store, self._options, group, dataset_type)

    @contextmanager
    def _items(self) -> Iterator[Sequence[Path]]:
        """The parts of the Items dataset, where a metric needs them."""
        if not any(metric.of_items for metric in self._spans.all_metrics(self._metrics)):
            yield []
            return
        scratch = self._options.data / "reporting"
        shutil.rmtree(scratch, ignore_errors=True)  # what a killed process left
        scratch.mkdir()
        with tempfile.TemporaryDirectory(dir=scratch) as folder:
            yield parts_of(self._content("ITEMS"), self._options.state_file, Path(folder))
