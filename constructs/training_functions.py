"""The functions of the training workflows: one per step, shared by all use cases of a stage."""

from collections.abc import Mapping
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_
from constructs import Construct
from constructs.access import Access
from constructs.data_bucket import BATCH, DATASETS, RUNS, DataBucket
from constructs.function_code import LAMBDA_SRC
from constructs.personalize_service import personalize_arn
from constructs.pip_layer import PipLayer, PipLayerProps
from constructs.python_function import FunctionNetwork, PythonFunction, PythonFunctionProps
from constructs.serving_table import ServingTable

_EVERY_RUN = "Each run of each use case has a folder of its own, and the function serves them all"


@dataclass(frozen=True, kw_only=True)
class DatabaseAccess:
    """secret_name: of a Secrets Manager secret with host, port, username, password and dbname.
    ssl_mode: libpq's word.
    """

    network: FunctionNetwork
    secret_name: str
    ssl_mode: str


@dataclass(frozen=True, kw_only=True)
class TrainingFunctionsProps:
    """environment: of every function. solution_names: those whose versions are judged."""

    environment: Mapping[str, str]
    data: DataBucket
    table: ServingTable
    database: DatabaseAccess
    solution_names: tuple[str, ...]
    retain_logs: bool = False


class TrainingFunctions(Construct):
    """Each function may do what its step needs, and nothing else."""

    def __init__(self, scope: Construct, construct_id: str, props: TrainingFunctionsProps) -> None:
        super().__init__(scope, construct_id)
        self._props = props
        self.extract_dataset = self._extract_dataset()
        self.compare_datasets = self._compare_datasets()
        self.judge_solution_version = self._judge_solution_version()
        self.write_batch_input = self._write_batch_input()
        self.load_recommendations = self._load_recommendations()
        self.publish_generation = self._publish_generation()

    @property
    def all(self) -> dict[str, PythonFunction]:
        """By the step's name."""
        return {
            "extract_dataset": self.extract_dataset,
            "compare_datasets": self.compare_datasets,
            "judge_solution_version": self.judge_solution_version,
            "write_batch_input": self.write_batch_input,
            "load_recommendations": self.load_recommendations,
            "publish_generation": self.publish_generation,
        }

    def _extract_dataset(self) -> PythonFunction:
        database = self._props.database
        libraries = PipLayer(
            self,
            "Database",
            PipLayerProps(
                requirements=LAMBDA_SRC / "requirements-database.txt", description="asyncpg and NumPy"
            ),
        )
        function = self._function(
            "ExtractDataset",
            "extract_dataset",
            "Streams one query's result from PostgreSQL to S3, checking it on the way",
            memory_mb=1769,
            timeout_seconds=900,
            layers=(libraries.version,),
            network=database.network,
            environment={"DATABASE_SECRET": database.secret_name, "DATABASE_SSL_MODE": database.ssl_mode},
        )
        self._props.data.grant_write(function.role, DATASETS, why=_EVERY_RUN)
        function.allow(
            Access(
                actions=("secretsmanager:GetSecretValue",),
                resources=(_secret_arn(self, database.secret_name),),
                why="Secrets Manager adds six random characters to the name of a secret",
            )
        )
        return function

    def _compare_datasets(self) -> PythonFunction:
        function = self._function(
            "CompareDatasets",
            "compare_datasets",
            "Tells whether anything is new since the last good run",
        )
        self._read(function, RUNS)
        function.allow(self._pointers("dynamodb:GetItem"))
        return function

    def _judge_solution_version(self) -> PythonFunction:
        function = self._function(
            "JudgeSolutionVersion",
            "judge_solution_version",
            "Compares a solution version's metrics with the last good one's",
            timeout_seconds=120,
        )
        self._read(function, RUNS)
        self._put(function, RUNS)
        function.allow(
            Access(
                actions=("personalize:GetSolutionMetrics",),
                resources=tuple(
                    personalize_arn(self, f"solution/{name}/*") for name in self._props.solution_names
                ),
                why="Each run trains a solution version, whose id the service chooses",
            )
        )
        return function

    def _write_batch_input(self) -> PythonFunction:
        function = self._function(
            "WriteBatchInput",
            "write_batch_input",
            "Writes the audience, everybody's own items and the popular items, in shards",
            memory_mb=3008,
            timeout_seconds=900,
            ephemeral_mb=10240,
        )
        self._read(function, DATASETS)
        self._put(function, BATCH)
        return function

    def _load_recommendations(self) -> PythonFunction:
        function = self._function(
            "LoadRecommendations",
            "load_recommendations",
            "Loads one shard of batch output into the serving table",
            memory_mb=512,
            timeout_seconds=300,
        )
        self._read(function, BATCH)
        function.allow(self._items(("dynamodb:BatchWriteItem",), "user#*"))
        return function

    def _publish_generation(self) -> PythonFunction:
        function = self._function(
            "PublishGeneration",
            "publish_generation",
            "Moves readers to a new generation, if it is complete",
            timeout_seconds=120,
        )
        self._read(function, BATCH)
        self._read(function, DATASETS)
        self._put(function, RUNS)
        function.allow(
            self._pointers("dynamodb:GetItem", "dynamodb:PutItem"),
            self._items(("dynamodb:PutItem",), "popular#*"),
            self._items(("dynamodb:PutItem",), "catalogue#*"),
        )
        return function

    def _function(
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
        shared = {
            "DATA_BUCKET": self._props.data.bucket.bucket_name,
            "SERVING_TABLE": self._props.table.name,
        }
        return PythonFunction(
            self,
            construct_id,
            PythonFunctionProps(
                handler=f"steps.{step}.lambda_handler",
                description=description,
                environment={**self._props.environment, **shared, **(environment or {})},
                memory_mb=memory_mb,
                timeout_seconds=timeout_seconds,
                ephemeral_mb=ephemeral_mb,
                layers=layers,
                network=network,
                traced=True,
                retain_logs=self._props.retain_logs,
            ),
        )

    def _read(self, function: PythonFunction, prefix: str) -> None:
        """Who may not list the bucket is told `access denied` of an object that does not exist."""
        self._props.data.grant_read(function.role, prefix, why=_EVERY_RUN)
        self._props.data.grant_list(function.role)

    def _put(self, function: PythonFunction, prefix: str) -> None:
        """Whole objects; nothing in parts."""
        function.allow(
            Access(actions=("s3:PutObject",), resources=(self._props.data.objects(prefix),), why=_EVERY_RUN),
            Access(actions=("kms:GenerateDataKey",), resources=(self._props.data.key.key_arn,)),
        )

    def _pointers(self, *actions: str) -> Access:
        return self._items(actions, "pointer#*")

    def _items(self, actions: tuple[str, ...], keys: str) -> Access:
        """Rights on the items of the table whose partition key looks like `keys`."""
        return Access(
            actions=actions,
            resources=(self._props.table.table.table_arn,),
            conditions={"ForAllValues:StringLike": {"dynamodb:LeadingKeys": [keys]}},
        )


def _secret_arn(scope: Construct, name: str) -> str:
    return cdk.Stack.of(scope).format_arn(
        service="secretsmanager",
        resource="secret",
        resource_name=f"{name}-??????",
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
