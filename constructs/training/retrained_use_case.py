"""One use case in a stack of somebody's own: its data, its model, and the workflow that retrains it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aws_cdk as cdk
from constructs import Construct
from constructs.ground.dead_letters import DeadLetters
from constructs.ground.failure_topic import FailureTopic, FailureTopicProps
from constructs.ground.schedule import TrainingSchedule, TrainingScheduleProps
from constructs.models.campaign_removal import CampaignRemoval, CampaignRemovalProps
from constructs.models.personalize_datasets import DatasetProps
from constructs.models.solution_settings import SolutionSettings, SolutionSettingsProps
from constructs.models.use_case_model import SolutionProps, UseCaseModel, UseCaseModelProps
from constructs.storage.active_regions import ActiveRegions
from constructs.storage.bucket_emptier import BucketEmptier, BucketEmptierProps
from constructs.storage.data_bucket import DataBucket, DataBucketProps
from constructs.storage.data_key import DataKey, DataKeyProps
from constructs.storage.item_table import ItemTable, ItemTableProps
from constructs.training.batch import AudienceProps
from constructs.training.functions import DatabaseAccess, TrainingFunctions, TrainingFunctionsProps
from constructs.training.judging import JudgementProps
from constructs.training.workflow import TrainingWorkflow
from constructs.training.workflow_props import TrainingWorkflowProps
from constructs.workflow.dataset_source import DatasetSource

USER_PERSONALIZATION_V2 = "arn:aws:personalize:::recipe/aws-user-personalization-v2"
_NAME = re.compile(r"(?=.{1,30}$)[a-z][a-z0-9]*(-[a-z0-9]+)*")
"""Import jobs are called <name>-interactions-<run of 18 characters>, and Personalize takes 63."""


@dataclass(frozen=True, kw_only=True)
class Query:
    """sql: answers with the fields, in their order. fields: of the dataset's Avro schema, as Amazon
    Personalize documents them: {"name": "GENRES", "type": ["null", "string"], "categorical": True}.
    """

    sql: str
    fields: Sequence[Mapping[str, Any]]

    def schema(self, dataset: str) -> str:
        """dataset: interactions, users or items."""
        record = {
            "type": "record",
            "name": dataset.capitalize(),
            "namespace": "com.amazonaws.personalize.schema",
            "fields": list(map(dict, self.fields)),
            "version": "1.0",
        }
        return json.dumps(record, separators=(",", ":"))

    @property
    def columns(self) -> tuple[Mapping[str, Any], ...]:
        """As the extract checks them."""
        return tuple(map(_column, self.fields))


def _column(field: Mapping[str, Any]) -> Mapping[str, Any]:
    """Raises: ValueError, of a type that is no Avro primitive or a union of one with null."""
    types = [field["type"]] if isinstance(field["type"], str) else list(field["type"])
    named = [type_ for type_ in types if type_ != "null"]
    if len(named) != 1 or not isinstance(named[0], str):
        raise ValueError(f"{field['name']}: a type is one word, or a list of it and null: {field['type']!r}")
    return {
        "name": field["name"],
        "type": named[0],
        "nullable": "null" in types,
        "categorical": bool(field.get("categorical", False)),
        "textual": bool(field.get("textual", False)),
    }


@dataclass(frozen=True, kw_only=True)
class RetrainedUseCaseProps:
    """name: lower case, words joined by hyphens, at most 30 characters; the names of all that is made begin
    with it. event_weights: by EVENT_TYPE, how much each counts in training. own_event_types: items that a
    user has such an event with are left out of their lists; "*" for all. metric, floor, tolerance: which
    models are used, see JudgementProps. schedule, time_zone: of EventBridge Scheduler. emails: who is told of
    failures. retain: whether data and model outlive the stack. protected: whether the table refuses to be
    deleted; only from the second deployment on, see ItemTableProps. list_bytes: that a list in the table may
    have, a multiple of 1,024, each of which is paid for as a write unit. recovery_days: how far back the
    table can be restored, 1 to 35; a run fills it anew.
    """

    name: str
    interactions: Query
    users: Query | None = None
    items: Query | None = None
    database: DatabaseAccess
    recipe_arn: str = USER_PERSONALIZATION_V2
    event_weights: Mapping[str, float] | None = None
    own_event_types: tuple[str, ...] = ("*",)
    recommendations: int = 50
    list_bytes: int = 1_024
    metric: str = "normalized_discounted_cumulative_gain_at_10"
    floor: float = 0.0
    tolerance: float = 0.1
    schedule: str = "cron(0 3 * * ? *)"
    time_zone: str = "UTC"
    emails: tuple[str, ...] = ()
    retain: bool = True
    protected: bool = False
    recovery_days: int = 7


class RetrainedUseCase(Construct):
    """Extracts, imports, trains, judges, infers and publishes on a schedule; lists are read from `table`.

    Raises: ValueError, of a name or a field's type that cannot be.
    """

    def __init__(self, scope: Construct, construct_id: str, props: RetrainedUseCaseProps) -> None:
        super().__init__(scope, construct_id)
        if not _NAME.fullmatch(props.name):
            raise ValueError(
                f"name: lower case, words joined by hyphens, at most 30 characters: {props.name!r}"
            )
        stage = {"STAGE": props.name, "POWERTOOLS_SERVICE_NAME": props.name}
        environment = {**stage, "POWERTOOLS_METRICS_NAMESPACE": "Recommendations"}
        queries = {"interactions": props.interactions, "users": props.users, "items": props.items}
        sources = {dataset: query for dataset, query in queries.items() if query is not None}
        self.data = self._bucket(props, environment)
        self.table = ItemTable(
            self,
            "Serving",
            ItemTableProps(
                name=f"{props.name}-serving",
                retain=props.retain,
                protected=props.protected,
                recovery_days=props.recovery_days,
            ),
        )
        self.topic = FailureTopic(self, "Failures", FailureTopicProps(title=props.name, emails=props.emails))
        self.model = self._model(props, sources, environment)
        self.dead_letters = DeadLetters(self, "DeadLetters")
        self.functions = TrainingFunctions(
            self,
            "Steps",
            TrainingFunctionsProps(
                environment=environment,
                data=self.data,
                active=ActiveRegions(table=self.table, regions=(cdk.Stack.of(self).region,)),
                topic=self.topic,
                database=props.database,
                solution_names=(props.name,),
                retain_logs=props.retain,
            ),
        )
        self.workflow = self._workflow(props, sources)
        TrainingSchedule(
            self,
            "Schedule",
            TrainingScheduleProps(
                state_machine=self.workflow.state_machine,
                expression=props.schedule,
                time_zone=props.time_zone,
                description=f"Retrains {props.name}",
                dead_letters=self.dead_letters,
            ),
        )

    def _bucket(self, props: RetrainedUseCaseProps, environment: Mapping[str, str]) -> DataBucket:
        key = DataKey(self, "Key", DataKeyProps(description=f"Data of {props.name}", retain=props.retain))
        data = DataBucket(
            self, "Data", DataBucketProps(key=key.key, retain=props.retain, versioned=props.retain)
        )
        if not props.retain:
            # Log files arrive while the data bucket is emptied: theirs is emptied after it is gone.
            logs = BucketEmptier(
                self,
                "AccessLogsEmptier",
                BucketEmptierProps(bucket=data.access_logs, environment=environment),
            )
            data.bucket.node.add_dependency(logs)
            BucketEmptier(
                self, "DataEmptier", BucketEmptierProps(bucket=data.bucket, environment=environment)
            )
        return data

    def _model(
        self, props: RetrainedUseCaseProps, sources: Mapping[str, Query], environment: Mapping[str, str]
    ) -> UseCaseModel:
        return UseCaseModel(
            self,
            "Model",
            UseCaseModelProps(
                folder=_use_case(props),
                dataset_group_name=props.name,
                datasets=tuple(
                    DatasetProps(
                        type=dataset.capitalize(),
                        name=f"{props.name}-{dataset}",
                        schema_name=f"{props.name}-{dataset}-{_fingerprint(query.schema(dataset))}",
                        schema=query.schema(dataset),
                    )
                    for dataset, query in sources.items()
                ),
                solution=SolutionProps(
                    name=props.name,
                    recipe_arn=props.recipe_arn,
                    algorithm_parameters={},
                    feature_parameters={},
                    event_weights=dict(props.event_weights or {}),
                ),
                data=self.data,
                settings=SolutionSettings(
                    self,
                    "SolutionSettings",
                    SolutionSettingsProps(environment=environment, retain_logs=props.retain),
                ),
                campaigns=CampaignRemoval(
                    self, "Campaigns", CampaignRemovalProps(environment=environment, retain_logs=props.retain)
                ),
                retain=props.retain,
            ),
        )

    def _workflow(self, props: RetrainedUseCaseProps, sources: Mapping[str, Query]) -> TrainingWorkflow:
        return TrainingWorkflow(
            self,
            "Workflow",
            TrainingWorkflowProps(
                name=props.name,
                use_case=_use_case(props),
                job_prefix=props.name,
                sources=tuple(
                    DatasetSource(name=dataset, query=query.sql, columns=query.columns)
                    for dataset, query in sources.items()
                ),
                judgement=JudgementProps(
                    metric=props.metric, floor=props.floor, tolerance=props.tolerance, use_worse=False
                ),
                audience=AudienceProps(
                    own_event_types=props.own_event_types,
                    own_includes_user=False,
                    active_within_days=None,
                    users_per_shard=10_000,
                    with_users_dataset=props.users is not None,
                ),
                recommendations=props.recommendations,
                list_bytes=props.list_bytes,
                batch_results=min(500, 2 * props.recommendations),
                minimum_share=0.99,
                generation_days=14,
                model=self.model,
                functions=self.functions,
                data=self.data,
                topic=self.topic,
                dead_letters=self.dead_letters,
                retain_logs=props.retain,
            ),
        )


def _use_case(props: RetrainedUseCaseProps) -> str:
    return props.name.replace("-", "_")


def _fingerprint(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
