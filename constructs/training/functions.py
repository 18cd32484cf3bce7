"""The functions of the training workflows: one per step, shared by all use cases of a stage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from constructs import Construct
from constructs.comparison.function import ComparisonFunction, ComparisonFunctionProps
from constructs.ground.access import Access, secret_access
from constructs.ground.construct_id import construct_id_of
from constructs.ground.failure_topic import FailureTopic
from constructs.ground.function_code import LAMBDA_SRC
from constructs.ground.personalize_service import personalize_arn
from constructs.ground.pip_layer import PipLayer, PipLayerProps
from constructs.ground.python_function import FunctionNetwork, PythonFunction
from constructs.storage.active_regions import ActiveRegions
from constructs.storage.data_bucket import BATCH, DATASETS, EVENTS, JOINED, RUNS, UPLOADS, DataBucket
from constructs.storage.item_table import OPTED_OUT
from constructs.training.own_functions import EngineLayers, OwnFunctions, OwnFunctionsProps
from constructs.workflow.ending_teller import ending_teller
from constructs.workflow.steps import Steps


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
    """environment: of every function. active: the serving table, and where it says who may publish in it.
    topic: where endings of executions are told.
    solution_names: those whose versions are judged.
    database: none means that all datasets are read from files in the data bucket, below `uploads/`.
    files: formats of the files that datasets are read from, csv or parquet.

    trained_events: use cases that are trained on tracked events. tiring_events: those whose lists go by what
    people were shown.
    engine_memory_mb: memory of the functions that train with the engine, by use case and variant.
    compared: use cases with several variants; one of each at least is of the engine.
    keep_weights: those of them whose training uses what an earlier one has learned.
    """

    environment: Mapping[str, str]
    data: DataBucket
    active: ActiveRegions
    topic: FailureTopic
    database: DatabaseAccess | None
    solution_names: tuple[str, ...]
    files: frozenset[str] = frozenset()
    trained_events: tuple[str, ...] = ()
    tiring_events: tuple[str, ...] = ()
    engine_memory_mb: Mapping[tuple[str, str], int] = field(default_factory=dict)
    compared: tuple[str, ...] = ()
    keep_weights: frozenset[tuple[str, str]] = frozenset()
    retain_logs: bool = False


class TrainingFunctions(Construct):
    """Each function may do what its step needs, and nothing else."""

    def __init__(self, scope: Construct, construct_id: str, props: TrainingFunctionsProps) -> None:
        super().__init__(scope, construct_id)
        self._props, self.active = props, props.active
        self._steps = Steps(
            scope=self,
            environment=props.environment,
            data=props.data,
            serving=props.active.table,
            of="use case",
            retain_logs=props.retain_logs,
        )
        self.list_opt_outs = self._list_opt_outs()
        self.extract_dataset = self._extract_dataset()
        self._extract_file = self._reading_files("ExtractFile") if props.database and props.files else None
        self.compare_datasets = self._compare_datasets()
        self.judge_solution_version = self._judge_solution_version()
        self.write_batch_input = self._write_batch_input()
        self.load_recommendations = self._load_recommendations()
        self.publish_generation = self._publish_generation()
        self.tell_ending = ending_teller(self._steps, props.topic)
        layers = EngineLayers(self, "EngineLayers") if props.engine_memory_mb else None
        self.of_engine = self._of_engine(layers) if layers else {}
        self.compare_variants = self._compare_variants(layers) if layers and props.compared else None

    @property
    def of_variants(self) -> dict[str, PythonFunction]:
        """Those that come and go with variants: by the step's name, the use case's and, of another one than
        own, the variant's.
        """
        own = {
            f"{step}_{use_case}" if variant == "own" else f"{step}_{use_case}_{variant}": function
            for (use_case, variant), functions in self.of_engine.items()
            for step, function in functions.all.items()
        }
        compare = {"compare_variants": self.compare_variants} if self.compare_variants else {}
        return {**own, **compare}

    @property
    def of_files(self) -> PythonFunction:
        """The one that extracts what is read from files."""
        return self._extract_file or self.extract_dataset

    @property
    def watched(self) -> dict[str, PythonFunction]:
        """All but those of variants: steps, and what tells of executions' endings."""
        return {**self.shared, "tell_ending": self.tell_ending}

    @property
    def shared(self) -> dict[str, PythonFunction]:
        """Steps of every use case, by their names."""
        return {
            "list_opt_outs": self.list_opt_outs,
            "extract_dataset": self.extract_dataset,
            **({"extract_file": self._extract_file} if self._extract_file else {}),
            "compare_datasets": self.compare_datasets,
            "judge_solution_version": self.judge_solution_version,
            "write_batch_input": self.write_batch_input,
            "load_recommendations": self.load_recommendations,
            "publish_generation": self.publish_generation,
        }

    def _of_engine(self, layers: EngineLayers) -> dict[tuple[str, str], OwnFunctions]:
        """By use case and variant."""
        return {
            (use_case, variant): OwnFunctions(
                self,
                f"{construct_id_of(use_case)}{variant.capitalize()}",
                OwnFunctionsProps(
                    use_case=use_case,
                    variant=variant,
                    memory_mb=memory_mb,
                    keeps_weights=(use_case, variant) in self._props.keep_weights,
                    layers=layers,
                    steps=self._steps,
                ),
            )
            for (use_case, variant), memory_mb in self._props.engine_memory_mb.items()
        }

    def _compare_variants(self, layers: EngineLayers) -> PythonFunction:
        props = ComparisonFunctionProps(
            use_cases=self._props.compared, layers=layers.versions, steps=self._steps
        )
        return ComparisonFunction(self, "Comparison", props).function

    def _list_opt_outs(self) -> PythonFunction:
        """In no VPC: subnets of a database need no way to DynamoDB."""
        function = self._steps.function(
            "ListOptOuts",
            "list_opt_outs",
            "Lists the people who have opted out, whose rows a run leaves out",
        )
        self._steps.let_put(function, DATASETS)
        function.allow(self.active.table.items(("dynamodb:Query",), OPTED_OUT))
        return function

    def _extract_dataset(self) -> PythonFunction:
        database = self._props.database
        if database is None:
            return self._reading_files("ExtractDataset")
        function = self._extracting(
            "ExtractDataset",
            "extract_dataset",
            "Streams one query's result from PostgreSQL to S3, checking it on the way",
            layers=(self._libraries.version,),
            network=database.network,
            environment={"DATABASE_SECRET": database.secret_name, "DATABASE_SSL_MODE": database.ssl_mode},
        )
        function.allow(secret_access(self, database.secret_name))
        return function

    def _reading_files(self, construct_id: str) -> PythonFunction:
        layers = [self._libraries.version]
        if "parquet" in self._props.files:
            props = PipLayerProps(requirements=LAMBDA_SRC / "requirements-parquet.txt", description="DuckDB")
            layers.append(PipLayer(self, "Parquet", props).version)
        function = self._extracting(
            construct_id,
            "extract_file",
            "Streams one uploaded file to where Personalize reads, checking it on the way",
            layers=tuple(layers),
            ephemeral_mb=10_240 if len(layers) > 1 else 512,
        )
        self._steps.let_read(function, UPLOADS)
        return function

    @cached_property
    def _libraries(self) -> PipLayer:
        requirements = LAMBDA_SRC / "requirements-database.txt"
        return PipLayer(
            self, "Database", PipLayerProps(requirements=requirements, description="asyncpg and NumPy")
        )

    def _extracting(self, construct_id: str, step: str, description: str, **more: Any) -> PythonFunction:
        """With the rights that every extraction has."""
        function = self._steps.function(
            construct_id, step, description, memory_mb=1769, timeout_seconds=900, **more
        )
        self._steps.let_read(function, DATASETS)
        self._steps.let_write(function, DATASETS)
        for use_case in self._props.trained_events:
            self._steps.let_read(function, f"{EVENTS}/use_case={use_case}")
            self._steps.let_read(function, f"{JOINED}/use_case={use_case}")
            self._steps.let_put(function, f"{JOINED}/use_case={use_case}")
        return function

    def _compare_datasets(self) -> PythonFunction:
        function = self._steps.function(
            "CompareDatasets",
            "compare_datasets",
            "Tells whether anything is new since the last good run",
        )
        self._steps.let_read(function, RUNS)
        function.allow(self.active.table.items(("dynamodb:Query",), "pointer#*"))
        return function

    def _judge_solution_version(self) -> PythonFunction:
        function = self._steps.function(
            "JudgeSolutionVersion",
            "judge_solution_version",
            "Compares a new model's metrics with the last good one's",
            timeout_seconds=120,
        )
        self._steps.let_read(function, RUNS)
        self._steps.let_put(function, RUNS)
        if self._props.solution_names:
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
        function = self._steps.function(
            "WriteBatchInput",
            "write_batch_input",
            "Writes the audience, everybody's own items and the popular items, in shards",
            memory_mb=3008,
            timeout_seconds=900,
            ephemeral_mb=10240,
        )
        self._steps.let_read(function, DATASETS)
        self._steps.let_put(function, BATCH)
        for use_case in self._props.tiring_events:
            self._steps.let_read(function, f"{EVENTS}/use_case={use_case}")
        return function

    def _load_recommendations(self) -> PythonFunction:
        function = self._steps.function(
            "LoadRecommendations",
            "load_recommendations",
            "Loads one shard of batch output into the serving table",
            memory_mb=512,
            timeout_seconds=300,
        )
        self._steps.let_read(function, BATCH)
        function.allow(self.active.table.items(("dynamodb:BatchWriteItem",), "user#*"))
        return function

    def _publish_generation(self) -> PythonFunction:
        function = self._steps.function(
            "PublishGeneration",
            "publish_generation",
            "Moves readers to a new generation, if it is complete",
            timeout_seconds=120,
            environment=self.active.environment,
        )
        self._steps.let_read(function, BATCH)
        self._steps.let_read(function, DATASETS)
        self._steps.let_put(function, RUNS)
        function.allow(
            self.active.table.items(("dynamodb:Query", "dynamodb:UpdateItem"), "pointer#*"),
            self.active.table.items(("dynamodb:PutItem",), "popular#*"),
            self.active.table.items(("dynamodb:PutItem",), "catalogue#*"),
            self.active.reading,
        )
        return function
