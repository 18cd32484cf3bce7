"""Structured logs and metrics of the steps; the service's name comes from Powertools' own variable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from pipeline.names import NAMESPACE, NO_SERVICE
from steps.environment import stage

logger = Logger()
metrics = Metrics(namespace=NAMESPACE, service=NO_SERVICE)

Answer = TypeVar("Answer", bound=Mapping[str, Any])
Handler = Callable[[dict[str, Any], Any], Answer]
_STEP = "step"
COUNT, PERCENT, NONE = MetricUnit.Count, MetricUnit.Percent, MetricUnit.NoUnit


def step(handle: Handler[Answer]) -> Handler[Answer]:
    """Around a handler: context in every log line, failures logged, metrics printed at the end."""
    name = handle.__module__.rpartition(".")[2]

    @logger.inject_lambda_context(clear_state=True)
    @wraps(handle)
    def handler(event: dict[str, Any], context: Any) -> Answer:
        logger.append_keys(**{_STEP: name})
        try:
            return handle(event, context)
        except Exception:
            logger.exception("step failed")
            raise
        finally:
            if metrics.metric_set:
                metrics.flush_metrics()
            metrics.clear_metrics()

    wrapped: Handler[Answer] = handler
    return wrapped


def begin(use_case: str, run: str, *, dataset: str | None = None) -> None:
    """Every log line and metric of this invocation is of this use case (and dataset)."""
    logger.append_keys(use_case=use_case, run=run)
    metrics.add_dimension(name="stage", value=stage())
    metrics.add_dimension(name="use_case", value=use_case)
    if dataset is not None:
        logger.append_keys(dataset=dataset)
        metrics.add_dimension(name="dataset", value=dataset)


def count(figures: Mapping[str, float], unit: MetricUnit = COUNT) -> None:
    for name, value in figures.items():
        metrics.add_metric(name=name, unit=unit, value=value)


def count_of_variant(use_case: str, variant: str, figures: Mapping[str, float]) -> None:
    """Of the use case as a whole, and of the variant."""
    count(figures)
    tell({"use_case": use_case, "variant": variant}, figures)


def measure_variant(use_case: str, variant: str, figures: Mapping[str, float]) -> None:
    if figures:
        tell({"use_case": use_case, "variant": variant}, figures, unit=NONE)


def unknown_members(use_case: str, members: Sequence[str]) -> None:
    """Of the input of the step that runs: names only, since values may be people's."""
    logger.warning("unknown members in the input", extra={"members": members})
    step_name = str(logger.get_current_keys().get(_STEP, "unknown"))
    tell({"use_case": use_case, "step": step_name}, {"UnknownMembers": len(members)})


def tell(
    dimensions: Mapping[str, str],
    figures: Mapping[str, float],
    *,
    unit: MetricUnit = COUNT,
    at: datetime | None = None,
) -> None:
    """Prints metrics of this stage and dimensions of their own; `at`: of another time than now."""
    separate = EphemeralMetrics(namespace=NAMESPACE, service=NO_SERVICE)
    for name, value in {"stage": stage(), **dimensions}.items():
        separate.add_dimension(name=name, value=value)
    for metric, figure in figures.items():
        separate.add_metric(name=metric, unit=unit, value=figure)
    if at is not None:
        separate.set_timestamp(at)
    separate.flush_metrics()
