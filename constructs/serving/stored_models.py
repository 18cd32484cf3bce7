"""What functions need to answer by a stored model of the variant `own`."""

from dataclasses import dataclass

from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.ground.function_code import ENGINE, LAMBDA_SRC
from constructs.ground.pip_layer import PipLayer, PipLayerProps
from constructs.ground.python_function import PythonFunction
from constructs.ground.source_layer import SourceLayer, SourceLayerProps
from constructs.storage.data_bucket import MODELS, RUNS, DataBucket
from constructs.storage.item_table import items_access

STORED_MB = 2048
"""Of /tmp: a model that is on its way beside the one in use."""
_VARIANT = "own"


@dataclass(frozen=True, kw_only=True)
class OwnRealtimeProps:
    """budget_ms: for the model's whole answer. memory_mb: of the function. touched: whether what the user has
    touched is left out. tracked: whether the table of tracking has the user's newest events.
    """

    budget_ms: int
    memory_mb: int
    touched: bool = False
    tracked: bool = False

    @property
    def settings(self) -> dict[str, int | bool]:
        """That the function reads."""
        flags = {name: True for name in ("touched", "tracked") if getattr(self, name)}
        return {"budget_ms": self.budget_ms, **flags}


@dataclass(frozen=True, kw_only=True)
class StoredProps:
    """data: with the models, in this region. tracking_table, tracking_arn: with the newest events."""

    data: DataBucket
    tracking_table: str
    tracking_arn: str

    def environment(self, use_case: str) -> dict[str, str]:
        return {
            **self.data.environment,
            "REALTIME_USE_CASE": use_case,
            "TRACKING_TABLE": self.tracking_table,
        }

    def grant(self, function: PythonFunction, use_case: str, *, tracked: bool) -> None:
        """To read the use case's own models and which one is used, and the newest events of its users."""
        models, why = f"{MODELS}/{use_case}/{_VARIANT}", "Each run has a folder of its own"
        self.data.grant_read(function.role, models, why=why)
        if self.data.copies:
            self.data.copies.grant_read(function.role, models, why=why)
        self.data.grant_find_object(function.role, f"{RUNS}/{use_case}/{_VARIANT}/last_good.json")
        if tracked:
            function.allow(items_access(self.tracking_arn, ("dynamodb:Query",), f"recent#{use_case}#*"))


class ModelLayers(Construct):
    """The engine, and NumPy alone: what trains is not there. Once for all functions of a stack."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        numpy = PipLayer(
            self,
            "NumPy",
            PipLayerProps(requirements=LAMBDA_SRC / "requirements-realtime.txt", description="NumPy"),
        )
        engine = SourceLayer(
            self, "Engine", SourceLayerProps(package=ENGINE, description="The recommendation engine")
        )
        self.versions: tuple[lambda_.ILayerVersion, ...] = (numpy.version, engine.version)
