"""What an import of interactions is worth to its group's metric attribution: measured as part of its job."""

import logging
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from personalize_server.attribution.expressions import metric_of
from personalize_server.attribution.import_plans import AttributionPlan, MeasuredImport
from personalize_server.attribution.imported_events import events_of
from personalize_server.attribution.reports import csv_text, totals_of
from personalize_server.attribution.sums import FRESH_SECONDS, Sums, add, limited
from personalize_server.facts.failures import JobFailed
from personalize_server.objects.locations import Location
from personalize_server.objects.s3 import Objects
from personalize_server.state.recommendation_ids import RecommendationIds, source_of
from personalize_server.state.store import Store

_log = logging.getLogger(__name__)


def measure_import(
    plan: AttributionPlan, part: Path, items: Sequence[Path], objects: Objects, state_file: Path
) -> MeasuredImport:
    """Publishes the report, if one was asked for; what the state is to remember of it.

    `part` is what has been imported, `items` are the parts of the Items dataset.
    """
    metrics = [metric_of(attribute) for attribute in plan.metrics]
    everything: Sums = {}
    fresh: Sums = {}
    with closing(Store(state_file, read_only=True)) as store:
        source = source_of(RecommendationIds(store), plan.attribution)
        for events in events_of(part, items, source):
            if plan.report is not None:
                add(everything, events, metrics)
            if plan.incremental:
                add(fresh, events, metrics, since=time.time() - FRESH_SECONDS)
    totals = totals_of(limited(fresh, plan.sources, plan.most_sources))
    measured = MeasuredImport(attribution=plan.attribution, totals=totals, report=plan.report)
    if plan.report is None or plan.folder is None:
        return measured
    content = csv_text(limited(everything, plan.sources, plan.most_sources))
    problem = _published(objects, plan.folder.inside(plan.report), content)
    return replace(measured, problem=problem, content=content if problem else None)


def _published(objects: Objects, place: Location, content: str) -> str | None:
    """Why it has not been: then the server tries again, and the import counts all the same."""
    try:
        objects.put(place, content.encode())
    except JobFailed as failure:
        _log.warning("report not published", extra={"file": str(place), "reason": str(failure)})
        return f"The report {place} could not be published, and will be tried again. {failure}"
    return None
