"""The functions of experiments: one per step, shared by all use cases of a stage."""

from collections.abc import Mapping
from dataclasses import dataclass

from constructs import Construct
from constructs.comparison.function import COMPARISONS
from constructs.ground.access import Access
from constructs.ground.failure_topic import FailureTopic
from constructs.ground.function_code import LAMBDA_SRC
from constructs.ground.pip_layer import PipLayer, PipLayerProps
from constructs.ground.python_function import PythonFunction
from constructs.storage.active_regions import ActiveRegions
from constructs.storage.data_bucket import EVENTS, MEASURED, DataBucket
from constructs.workflow.steps import Steps

_EXPERIMENTS, _POINTERS = "experiment#*", "pointer#*"
_FIGURES = Access(
    actions=("cloudwatch:GetMetricData",),
    resources=("*",),
    why="CloudWatch has no resources to name: this action only reads figures",
)


@dataclass(frozen=True, kw_only=True)
class ExperimentFunctionsProps:
    """environment: of every function. active: the serving table, and who may change experiments in it.
    measuring_mb: memory of the one that counts events."""

    environment: Mapping[str, str]
    data: DataBucket
    active: ActiveRegions
    topic: FailureTopic
    measuring_mb: int = 3538
    retain_logs: bool = False


class ExperimentFunctions(Construct):
    """The watch may change experiments and tell of it, and reads nothing but the table and figures."""

    def __init__(self, scope: Construct, construct_id: str, props: ExperimentFunctionsProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self._steps = Steps(
            scope=self,
            environment=props.environment,
            data=props.data,
            serving=props.active.table,
            of="use case",
            retain_logs=props.retain_logs,
        )
        self.ramp_experiment = self._ramp()
        self.watch_experiment = self._watch()
        self.plan_measurement = self._plan()
        self.measure_experiment = self._measure()

    @property
    def all(self) -> dict[str, PythonFunction]:
        """By the step's name."""
        return {
            "ramp_experiment": self.ramp_experiment,
            "watch_experiment": self.watch_experiment,
            "plan_measurement": self.plan_measurement,
            "measure_experiment": self.measure_experiment,
        }

    def _ramp(self) -> PythonFunction:
        function = self._steps.function(
            "Ramp",
            "experiments.ramp_experiment",
            "Decides whether an experiment goes on, and changes it",
            timeout_seconds=120,
            environment=self._props.active.environment,
        )
        self._may_change(function)
        self._steps.let_read(function, MEASURED)
        self._steps.let_read(function, COMPARISONS)
        return function

    def _watch(self) -> PythonFunction:
        topic = self._props.topic
        function = self._steps.function(
            "Watch",
            "experiments.watch_experiment",
            "Brings people back to the default variant when something is wrong",
            timeout_seconds=60,
            environment={"TOPIC_ARN": topic.topic.topic_arn, **self._props.active.environment},
        )
        self._may_change(function)
        function.allow(*topic.publishing)
        return function

    def _plan(self) -> PythonFunction:
        function = self._steps.function(
            "Plan", "experiments.plan_measurement", "Says what is to be measured of an experiment"
        )
        function.allow(self._props.active.table.items(("dynamodb:GetItem", "dynamodb:Query"), _EXPERIMENTS))
        return function

    def _measure(self) -> PythonFunction:
        libraries = PipLayer(
            self,
            "Libraries",
            PipLayerProps(requirements=LAMBDA_SRC / "requirements-realtime.txt", description="NumPy"),
        )
        function = self._steps.function(
            "Measure",
            "experiments.measure_experiment",
            "Counts what people did, and reports what an experiment has shown",
            memory_mb=self._props.measuring_mb,
            timeout_seconds=900,
            layers=(libraries.version,),
        )
        self._steps.let_read(function, EVENTS)
        self._steps.let_read(function, MEASURED)
        self._steps.let_put(function, MEASURED)
        function.allow(_FIGURES)
        return function

    def _may_change(self, function: PythonFunction) -> None:
        """By transactions, whose condition is the version that was read."""
        function.allow(
            self._props.active.table.items(("dynamodb:GetItem", "dynamodb:Query"), _EXPERIMENTS, _POINTERS),
            self._props.active.table.items(("dynamodb:PutItem",), _EXPERIMENTS),
            self._props.active.reading,
            _FIGURES,
        )
