"""The function that compares variants; one for all use cases that have several."""

from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.ground.python_function import PythonFunction
from constructs.storage.data_bucket import BATCH, DATASETS, EVENTS
from constructs.workflow.steps import Steps

COMPARISONS = "comparisons"
"""First part of the keys of what was found; figures only, which stay as records of runs do."""
_MEMORY_MB = 3_008


@dataclass(frozen=True, kw_only=True)
class ComparisonFunctionProps:
    """use_cases: whose files it may read. layers: the engine, and NumPy. steps: what all functions of the
    workflows have in common.
    """

    use_cases: tuple[str, ...]
    layers: tuple[lambda_.ILayerVersion, ...]
    steps: Steps
    memory_mb: int = _MEMORY_MB


class ComparisonFunction(Construct):
    def __init__(self, scope: Construct, construct_id: str, props: ComparisonFunctionProps) -> None:
        super().__init__(scope, construct_id)
        steps = props.steps.within(self)
        self.function: PythonFunction = steps.function(
            "CompareVariants",
            "compare_variants",
            "Holds the lists of a run's variants against one another",
            memory_mb=props.memory_mb,
            timeout_seconds=900,
            layers=props.layers,
        )
        for use_case in props.use_cases:
            for prefix in (BATCH, DATASETS, COMPARISONS):
                steps.let_read(self.function, f"{prefix}/{use_case}")
            steps.let_read(self.function, f"{EVENTS}/use_case={use_case}")
            steps.let_put(self.function, f"{COMPARISONS}/{use_case}")
