"""Reports as the service writes them."""

import csv
import io
from collections import defaultdict

from personalize_server.attribution.sums import Sums, capped
from personalize_server.state.attribution_ledger import Total

_HEADER = ("METRIC_NAME", "EVENT_TYPE", "VALUE", "MATH_FUNCTION", "EVENT_ATTRIBUTION_SOURCE", "TIMESTAMP")


def csv_text(sums: Sums) -> str:
    """The newest windows of a metric first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEADER)
    for key in sorted(sums, key=lambda key: (key.metric.name, -key.window, key.source)):
        metric = key.metric
        names = (metric.name, metric.event_type)
        writer.writerow((*names, repr(sums[key]), metric.function, key.source, key.window))
    return text.getvalue()


def totals_of(sums: Sums) -> list[Total]:
    totals: defaultdict[tuple[str, str, str], float] = defaultdict(float)
    for key, value in sums.items():
        names = (key.metric.name, key.metric.event_type, key.source)
        totals[names] = capped(totals[names] + value)
    return [(*names, value) for names, value in totals.items()]
