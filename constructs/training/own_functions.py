"""The functions of a variant of the engine's: they train with it, and recommend by what they trained."""

from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.ground.function_code import ENGINE, LAMBDA_SRC
from constructs.ground.pip_layer import PipLayer, PipLayerProps
from constructs.ground.python_function import PythonFunction
from constructs.ground.source_layer import SourceLayer, SourceLayerProps
from constructs.storage.data_bucket import BATCH, DATASETS, MODELS
from constructs.workflow.steps import Steps

_EPHEMERAL_MB = 10_240
"""Data sets and models are files on their way; the first 512 MB cost nothing, the rest next to nothing."""
_EVERY_RUN = "Each run of the use case has a folder of its own"


class EngineLayers(Construct):
    """The engine, and the packages that it computes with; once for all functions of a stack."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        libraries = PipLayer(
            self,
            "Libraries",
            PipLayerProps(
                requirements=LAMBDA_SRC / "requirements-engine.txt", description="NumPy, SciPy and implicit"
            ),
        )
        engine = SourceLayer(
            self, "Engine", SourceLayerProps(package=ENGINE, description="The recommendation engine")
        )
        self.versions: tuple[lambda_.ILayerVersion, ...] = (libraries.version, engine.version)


@dataclass(frozen=True, kw_only=True)
class OwnFunctionsProps:
    """use_case: whose files they may read and write. memory_mb: of both, 128 to 10,240. steps: what all
    functions of the workflows have in common. keeps_weights: whether training uses what was learned earlier.
    """

    use_case: str
    variant: str = "own"
    memory_mb: int
    keeps_weights: bool = False
    layers: EngineLayers
    steps: Steps


class OwnFunctions(Construct):
    """Of one variant of one use case, because how much memory they have is its decision."""

    def __init__(self, scope: Construct, construct_id: str, props: OwnFunctionsProps) -> None:
        super().__init__(scope, construct_id)
        self._steps = props.steps.within(self)
        self._props = props
        self.train_model = self._train_model()
        self.recommend_shard = self._recommend_shard()

    @property
    def all(self) -> dict[str, PythonFunction]:
        """By the step's name."""
        return {"train_model": self.train_model, "recommend_shard": self.recommend_shard}

    def _train_model(self) -> PythonFunction:
        function = self._function("TrainModel", "train_model", "Trains a model, measures it and stores it")
        self._may_read(function, DATASETS)
        self._may_put(function, MODELS)
        if self._props.keeps_weights:
            key = f"{MODELS}/{self._props.use_case}/{self._props.variant}/weights.json"
            self._steps.data.grant_find_object(function.role, key)
        return function

    def _recommend_shard(self) -> PythonFunction:
        function = self._function(
            "RecommendShard", "recommend_shard", "Writes one shard of batch output, by the stored model"
        )
        self._may_read(function, MODELS)
        self._may_read(function, BATCH)
        self._may_put(function, BATCH)
        return function

    def _function(self, construct_id: str, step: str, what: str) -> PythonFunction:
        props = self._props
        variant = "" if props.variant == "own" else f", {props.variant}"
        return self._steps.function(
            construct_id,
            step,
            f"{what}: {props.use_case}{variant}",
            memory_mb=props.memory_mb,
            timeout_seconds=900,
            ephemeral_mb=_EPHEMERAL_MB,
            layers=props.layers.versions,
        )

    def _may_read(self, function: PythonFunction, prefix: str) -> None:
        self._steps.data.grant_find(function.role, f"{prefix}/{self._props.use_case}", why=_EVERY_RUN)

    def _may_put(self, function: PythonFunction, prefix: str) -> None:
        self._steps.data.grant_put(function.role, f"{prefix}/{self._props.use_case}", why=_EVERY_RUN)
