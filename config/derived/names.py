"""Names in Amazon Personalize: unique per account and region, so that they carry app, stage and use case.

What cannot be changed in place carries eight digits of a hash of its definition: CloudFormation creates the
new one before it deletes the old one, and both need a name.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass

from config.derived.avro import avro_schema
from config.derived.recipes import parameters_of
from config.types.stage_config import APP, StageConfig
from config.types.use_case import DatasetType, UseCase
from config.types.variants import Personalize

RUN_LENGTH = 18
"""Of a run id: the execution's start time, as 20261121T195012345."""


def app_name(stage: str) -> str:
    """Of what there is once in a stage, and the beginning of all other names."""
    return f"{APP}-{stage}"


def name_in(stage: str, what: str) -> str:
    """Of what belongs to a use case or a notification."""
    return f"{app_name(stage)}-{what.replace('_', '-')}"


def serving_table_name(stage: str) -> str:
    """Fixed, because replicas and readers in other regions know the table by its name only."""
    return f"{app_name(stage)}-serving"


def notifications_table_name(stage: str) -> str:
    """Fixed, for the same reason."""
    return f"{app_name(stage)}-notifications"


def unsubscribe_secret_name(stage: str) -> str:
    """Fixed, for the same reason; it signs the links by which people unsubscribe."""
    return f"{app_name(stage)}-unsubscribe-links"


def api_address_parameter(stage: str) -> str:
    """Where the serving API's address is kept for e-mails: their stack is deployed before the API's."""
    return f"/{APP}/{stage}/api-address"


def copies_bucket_name(stage: str, account: str, region: str) -> str:
    """Of what other regions copy to this one; fixed, because they know it by its name only."""
    return f"{app_name(stage)}-copies-{account}-{region}"


def copies_key_alias(stage: str) -> str:
    """Of the key of that bucket, in every region that has one; fixed, for the same reason."""
    return f"alias/{app_name(stage)}-copies"


def regional_api_parameter(stage: str) -> str:
    """Where each region keeps the address of its own API, for canaries of other regions. Not that of e-mails,
    which other stacks have.
    """
    return f"/{APP}/{stage}/regional-api"


def regional_name(domain: str, region: str) -> str:
    """The API's name in one region."""
    return f"{region}.{domain}"


def regional_address(stage: StageConfig, region: str) -> str | None:
    """None without a domain: API Gateway gives an address when the region is deployed."""
    return f"https://{regional_name(stage.api.domain.name, region)}" if stage.api.domain else None


def lasting_address(stage: StageConfig, region: str) -> str | None:
    """For links that are followed long after: by the name that all regions share, where it leads anywhere."""
    domain = stage.api.domain
    return f"https://{domain.name}" if domain and domain.routing else regional_address(stage, region)


def tracking_table_name(stage: str) -> str:
    """Fixed, for the tools of operators."""
    return f"{app_name(stage)}-tracking"


def events_queue_name(stage: str) -> str:
    """Fixed, because the APIs of other regions send to it."""
    return f"{app_name(stage)}-events"


@dataclass(frozen=True)
class PersonalizeNames:
    """The names of one use case in one stage."""

    stage: str
    use_case: UseCase

    @property
    def prefix(self) -> str:
        version = str(self.use_case.version) if self.use_case.version > 1 else ""
        return f"{name_in(self.stage, self.use_case.name)}{version}"

    @property
    def dataset_group(self) -> str:
        return self.prefix

    @property
    def campaign(self) -> str:
        return self.prefix

    @property
    def event_tracker(self) -> str:
        return self.prefix

    def dataset(self, dataset: DatasetType) -> str:
        return f"{self.prefix}-{dataset}"

    def schema(self, dataset: DatasetType) -> str:
        text = avro_schema(dataset, self.use_case.datasets[dataset])
        return f"{self.prefix}-{dataset}-{_digits(text)}"

    @property
    def solution(self) -> str:
        """Raises: ValueError, of a use case without the variant `personalize`."""
        variant = self.use_case.personalize
        if variant is None:
            raise ValueError(f"{self.use_case.name} has no variant {Personalize.name}, and so no solution")
        parameters = parameters_of(variant.recipe, variant.hyper_parameters)
        definition = json.dumps([variant.recipe, parameters], sort_keys=True)
        return f"{self.prefix}-{_digits(definition)}"

    @property
    def own_items_filter(self) -> str | None:
        expression = self.use_case.own_items.filter_expression
        return f"{self.prefix}-own-{_digits(expression)}" if expression else None

    def import_job(self, dataset: DatasetType, run: str) -> str:
        return f"{self.prefix}-{dataset}-{run}"

    def batch_job(self, run: str) -> str:
        return f"{self.prefix}-batch-{run}"

    def all(self) -> Iterator[tuple[str, str]]:
        """Every name, with what it names; a run id of full length stands for all runs."""
        run = "0" * RUN_LENGTH
        yield "dataset group", self.dataset_group
        for dataset in self.use_case.datasets:
            yield f"{dataset} dataset", self.dataset(dataset)
            yield f"{dataset} schema", self.schema(dataset)
            yield f"{dataset} import job", self.import_job(dataset, run)
        yield "solution", self.solution
        if self.own_items_filter:
            yield "filter", self.own_items_filter
        yield "batch inference job", self.batch_job(run)
        yield "campaign", self.campaign
        yield "event tracker", self.event_tracker


def _digits(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
