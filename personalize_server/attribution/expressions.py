"""The metrics of an attribution: which events count, and what is added up of each."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from personalize_server.data.avro_schema import Field

_EXPRESSION = re.compile(
    r"\s*(?:SAMPLECOUNT\(\s*\)|SUM\(\s*(?P<dataset>Items|Interactions)\.(?P<column>\w+)\s*\))\s*",
    re.IGNORECASE,
)


class ExpressionError(ValueError):
    """Not an expression, or not one for these datasets."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    name: str
    event_type: str
    column: str | None = None
    """what is summed; None: events are counted"""
    of_items: bool = False
    """the column is of the Items dataset, not of Interactions"""

    @property
    def function(self) -> Literal["samplecount", "sum"]:
        """As reports spell it."""
        return "sum" if self.column else "samplecount"


def metric_of(attribute: Mapping[str, Any]) -> Metric:
    """From a MetricAttribute of the API. Raises: ExpressionError, if its expression is none.

    Function and dataset may be in any case, as official notebooks write them; the column is as in the schema.
    """
    match = _EXPRESSION.fullmatch(attribute["expression"])
    if match is None:
        raise ExpressionError(
            f"The expression {attribute['expression']} of the metric {attribute['metricName']} is none of "
            "SAMPLECOUNT(), SUM(Items.COLUMN), SUM(Interactions.COLUMN)."
        )
    return Metric(
        name=attribute["metricName"],
        event_type=attribute["eventType"],
        column=match["column"],
        of_items=(match["dataset"] or "").upper() == "ITEMS",
    )


def check_metrics(attributes: Sequence[Mapping[str, Any]], fields: Mapping[str, Sequence[Field]]) -> None:
    """`fields` are those of the group's datasets by type. Raises: ExpressionError, with all that is wrong."""
    problems = [problem for attribute in attributes for problem in _problems(attribute, fields)]
    known = {field.name for field in fields.get("INTERACTIONS", ())}
    if known and "EVENT_TYPE" not in known:
        problems.append("The schema of the Interactions dataset has no EVENT_TYPE field.")
    if problems:
        raise ExpressionError(" ".join(problems))


def _problems(attribute: Mapping[str, Any], fields: Mapping[str, Sequence[Field]]) -> Iterator[str]:
    try:
        metric = metric_of(attribute)
    except ExpressionError as problem:
        yield str(problem)
        return
    if metric.column is None:
        return
    dataset = "Items" if metric.of_items else "Interactions"
    if dataset.upper() not in fields:
        yield f"The metric {metric.name} sums a column of the {dataset} dataset, which there is not."
    elif not any(field.name == metric.column and field.numeric for field in fields[dataset.upper()]):
        yield f"The metric {metric.name} sums {dataset}.{metric.column}, which is not a numeric field."
