"""Functions of a workflow's steps: what they have in common, and their rights on the files of runs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.ground.python_function import FunctionNetwork, PythonFunction, PythonFunctionProps
from constructs.storage.data_bucket import DataBucket
from constructs.storage.item_table import ItemTable


@dataclass(frozen=True, kw_only=True)
class Steps:
    """scope: of the functions. environment: of every one. serving: the table with recommendations.

    of: what has a folder of its own in each run, such as "use case"; one function serves them all.
    """

    scope: Construct
    environment: Mapping[str, str]
    data: DataBucket
    serving: ItemTable
    of: str
    retain_logs: bool

    def function(
        self,
        construct_id: str,
        step: str,
        description: str,
        *,
        memory_mb: int = 512,
        timeout_seconds: int = 60,
        ephemeral_mb: int = 512,
        layers: tuple[lambda_.ILayerVersion, ...] = (),
        network: FunctionNetwork | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> PythonFunction:
        """step: name of the module with its handler."""
        shared = {**self.data.environment, "SERVING_TABLE": self.serving.name}
        return PythonFunction(
            self.scope,
            construct_id,
            PythonFunctionProps(
                handler=f"steps.{step}.lambda_handler",
                description=description,
                environment={**self.environment, **shared, **(environment or {})},
                memory_mb=memory_mb,
                timeout_seconds=timeout_seconds,
                ephemeral_mb=ephemeral_mb,
                layers=layers,
                network=network,
                traced=True,
                retain_logs=self.retain_logs,
            ),
        )

    def within(self, scope: Construct) -> "Steps":
        """The same, of functions in another scope."""
        return replace(self, scope=scope)

    def let_read(self, function: PythonFunction, prefix: str) -> None:
        """Who may not list the bucket is told `access denied` of an object that does not exist."""
        self.data.grant_find(function.role, prefix, why=self._why)

    def let_put(self, function: PythonFunction, prefix: str) -> None:
        """Whole objects; nothing in parts."""
        self.data.grant_put(function.role, prefix, why=self._why)

    def let_write(self, function: PythonFunction, prefix: str) -> None:
        """Objects in parts as well."""
        self.data.grant_write(function.role, prefix, why=self._why)

    @property
    def _why(self) -> str:
        return f"Each run of each {self.of} has a folder of its own, and the function serves them all"
