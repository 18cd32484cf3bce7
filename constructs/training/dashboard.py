"""One page about a stage's training: runs, data, models, what was loaded, functions and table."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct
from constructs.ground.pipeline_metrics import PipelineMetrics
from constructs.ground.python_function import PythonFunction
from constructs.storage.table_alarms import table_metric
from constructs.training.workflow import TrainingWorkflow

_HOUR = cdk.Duration.hours(1)


@dataclass(frozen=True, kw_only=True)
class DashboardUseCase:
    """offline_metric: the one by which its models are judged."""

    workflow: TrainingWorkflow
    datasets: tuple[str, ...]
    offline_metric: str

    @property
    def variants(self) -> list[tuple[str, str]]:
        """Their names, with what a graph calls them."""
        name, variants = self.workflow.use_case, self.workflow.variants
        return [(variant, f"{name} {variant}" if len(variants) > 1 else name) for variant in variants]


@dataclass(frozen=True, kw_only=True)
class TrainingDashboardProps:
    """name: dashboards of all regions of an account share their names, so that it holds stage and region."""

    name: str
    use_cases: tuple[DashboardUseCase, ...]
    functions: Mapping[str, PythonFunction]
    table_name: str
    metrics: PipelineMetrics


class TrainingDashboard(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: TrainingDashboardProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self.dashboard = cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=props.name,
            default_interval=cdk.Duration.days(14),
            widgets=[self._runs(), self._data(), self._lists(), self._functions(), self._table()],
        )

    def _runs(self) -> list[cloudwatch.IWidget]:
        ends: list[cloudwatch.IMetric] = []
        durations: list[cloudwatch.IMetric] = []
        for use_case in self._props.use_cases:
            machine, name = use_case.workflow.state_machine, use_case.workflow.use_case
            for label, metric in (
                ("succeeded", machine.metric_succeeded),
                ("failed", machine.metric_failed),
                ("timed out", machine.metric_timed_out),
                ("aborted", machine.metric_aborted),
            ):
                ends.append(metric(statistic="Sum", period=_HOUR, label=f"{name} {label}"))
            durations.append(machine.metric_time(statistic="Maximum", period=_HOUR, label=name))
        return [
            _graph("How runs ended", ends, stacked=True),
            _graph("Duration of runs (ms)", durations),
            _graph("Fresh generations", self._by_variant("FreshGeneration")),
        ]

    def _data(self) -> list[cloudwatch.IWidget]:
        return [
            _graph("Rows read", self._by_dataset("RowsRead", "Maximum")),
            _graph("Rows rejected (%)", self._by_dataset("RowsRejectedShare", "Maximum")),
            _graph(
                "Offline metrics of new models",
                [
                    self._metric(use_case, use_case.offline_metric, "Average", label, variant=variant)
                    for use_case in self._props.use_cases
                    for variant, label in use_case.variants
                ],
            ),
        ]

    def _lists(self) -> list[cloudwatch.IWidget]:
        return [
            _graph("Users with a new list", self._by_variant("UsersLoaded", "Maximum")),
            _graph(
                "Users whose line of batch output was an error", self._by_variant("ErrorLines", "Maximum")
            ),
            _graph("Models judged worse", self._by_variant("ModelJudgedWorse", "Maximum")),
        ]

    def _functions(self) -> list[cloudwatch.IWidget]:
        functions = self._props.functions.items()
        return [
            _graph(
                "Duration of functions (ms)",
                [
                    function.function.metric_duration(statistic="Maximum", period=_HOUR, label=step)
                    for step, function in functions
                ],
            ),
            _graph(
                "Errors of functions",
                [
                    function.function.metric_errors(statistic="Sum", period=_HOUR, label=step)
                    for step, function in functions
                ],
            ),
            _graph(
                "Throttles of functions",
                [
                    function.function.metric_throttles(statistic="Sum", period=_HOUR, label=step)
                    for step, function in functions
                ],
            ),
        ]

    def _table(self) -> list[cloudwatch.IWidget]:
        def metric(name: str) -> cloudwatch.Metric:
            return table_metric(self._props.table_name, name, minutes=60)

        return [
            _graph("Write units", [metric("ConsumedWriteCapacityUnits")]),
            _graph("Read units", [metric("ConsumedReadCapacityUnits")]),
            _graph("Throttled by the table", [metric("ReadThrottleEvents"), metric("WriteThrottleEvents")]),
        ]

    def _by_variant(self, name: str, statistic: str = "Sum") -> list[cloudwatch.IMetric]:
        """Where there is one variant, its figures are the use case's."""
        return [
            self._metric(use_case, name, statistic, label, **({"variant": variant} if several else {}))
            for use_case in self._props.use_cases
            for several in [len(use_case.variants) > 1]
            for variant, label in use_case.variants
        ]

    def _by_dataset(self, name: str, statistic: str) -> list[cloudwatch.IMetric]:
        return [
            self._metric(
                use_case, name, statistic, f"{use_case.workflow.use_case} {dataset}", dataset=dataset
            )
            for use_case in self._props.use_cases
            for dataset in use_case.datasets
        ]

    def _metric(
        self, use_case: DashboardUseCase, name: str, statistic: str, label: str, **dimensions: str
    ) -> cloudwatch.IMetric:
        metric = self._props.metrics.metric(
            name, use_case.workflow.use_case, statistic=statistic, **dimensions
        )
        return metric.with_(label=label)


def _graph(title: str, metrics: list[cloudwatch.IMetric], *, stacked: bool = False) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=metrics, width=8, height=6, stacked=stacked)
