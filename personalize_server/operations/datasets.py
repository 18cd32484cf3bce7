"""Dataset groups, schemas, datasets and their import jobs."""

import json
import uuid
from collections.abc import Mapping

from personalize_server.attribution.places import destination
from personalize_server.data.avro_schema import (
    DATASET_TYPES,
    Field,
    SchemaError,
    check_replacement,
    check_type,
    parse_schema,
)
from personalize_server.data.domain_schemas import check_domain
from personalize_server.facts.errors import InvalidInput, ResourceAlreadyExists, ResourceInUse
from personalize_server.facts.texts import writable
from personalize_server.objects.locations import parse_location
from personalize_server.operations.creating import Draft, Parents, create
from personalize_server.operations.deleting import delete
from personalize_server.state.context import Answer, Context, Request, group_dataset
from personalize_server.state.store import Record
from personalize_server.state.updates import begin_update, effective_body


def create_dataset_group(context: Context, request: Request) -> Answer:
    """A group, of a domain or of none. Raises: InvalidInput, for a key without a role."""
    if "kmsKeyArn" in request and "roleArn" not in request:
        raise InvalidInput("roleArn is required with kmsKeyArn.")
    answer = create(context, "DatasetGroup", request)
    return {**answer, "domain": request.get("domain")}


def create_schema(context: Context, request: Request) -> Answer:
    """An Avro schema, kept as it was written. Raises: InvalidInput, for one that no dataset could have."""
    try:
        parse_schema(request["schema"])
        if "domain" in request:
            check_domain(request["schema"], request["domain"])
    except SchemaError as problem:
        raise InvalidInput(str(problem)) from None
    if not writable(json.loads(request["schema"])):
        raise InvalidInput("The schema has a lone surrogate or too many levels.")
    return create(context, "Schema", request)


def create_dataset(context: Context, request: Request) -> Answer:
    """A dataset of a type that the group has not got yet. Raises: InvalidInput, for an unknown type."""
    type_ = request["datasetType"].upper()
    if type_ not in DATASET_TYPES:
        raise InvalidInput(
            f"{request['datasetType']} is not a dataset type; there are {', '.join(DATASET_TYPES)}."
        )

    def prepare(context: Context, request: Request, parents: Parents) -> Draft:
        group, schema = parents["DatasetGroup"], parents["Schema"]
        _check_domains(group, schema)
        if type_.startswith("ACTION") and group.body.get("domain"):
            raise InvalidInput(f"A dataset group with a domain cannot have a dataset of type {type_}.")
        _fields(schema, type_)
        if group_dataset(context, group.arn, type_) is not None:
            raise ResourceAlreadyExists(f"{group.arn} already has a dataset of type {type_}.")
        tracked = {"trackingId": str(uuid.uuid4())} if type_ == "ACTION_INTERACTIONS" else {}
        return Draft(body={"datasetType": type_, **tracked}, arn={"group": group.name, "type": type_})

    return create(context, "Dataset", request, prepare)


def update_dataset(context: Context, request: Request) -> Answer:
    """Another schema, which keeps all fields of the old one.

    Raises: ResourceInUse, if it is not ACTIVE; InvalidInput, if it may not have that schema.
    """
    dataset = context.find("Dataset", request["datasetArn"])
    schema = context.find("Schema", request["schemaArn"])
    if not context.active(dataset):
        raise ResourceInUse(f"Resource Arn {dataset.arn} is not ACTIVE, it is {context.status(dataset)}.")
    if dataset.body["datasetType"] not in ("ITEMS", "USERS"):
        raise InvalidInput("Only the schema of an Items or Users dataset can be replaced.")
    _check_domains(context.find("DatasetGroup", dataset.links["datasetGroupArn"]), schema)
    old = context.find("Schema", dataset.links["schemaArn"])
    try:
        check_replacement(parse_schema(old.body["schema"]), _fields(schema, dataset.body["datasetType"]))
    except SchemaError as problem:
        raise InvalidInput(str(problem)) from None
    new = {"schemaArn": schema.arn}
    begin_update(context, dataset, body=new, shown=new, links=new)
    return {"datasetArn": dataset.arn}


def delete_dataset(context: Context, request: Request) -> Answer:
    """Deletes a dataset with its records. Raises: ResourceInUse, while an event tracker writes to it."""
    dataset = context.find("Dataset", request["datasetArn"])
    if dataset.body["datasetType"] == "INTERACTIONS":
        trackers = context.linked(
            dataset.links["datasetGroupArn"], kind="EventTracker", member="datasetGroupArn"
        )
        if trackers:
            raise ResourceInUse(f"Resource Arn {dataset.arn} is in use by {trackers[0].arn}.")
    return delete(context, "Dataset", request)


def create_dataset_import_job(context: Context, request: Request) -> Answer:
    def prepare(context: Context, request: Request, parents: Parents) -> Draft:
        dataset = parents["Dataset"]
        if parse_location(request["dataSource"].get("dataLocation", "")) is None:
            raise InvalidInput("Invalid Data location.")
        if request.get("importMode") == "INCREMENTAL" and not dataset.own.get("parts"):
            raise InvalidInput("The first import of a dataset must have the import mode FULL.")
        attributed = context.linked(
            dataset.links["datasetGroupArn"], kind="MetricAttribution", member="datasetGroupArn"
        )
        published = [record for record in attributed if destination(effective_body(context, record))]
        if request.get("publishAttributionMetricsToS3") and not published:
            raise InvalidInput(
                "publishAttributionMetricsToS3 needs a metric attribution with an S3 destination."
            )
        return Draft()

    return create(context, "DatasetImportJob", request, prepare)


def group_fields(context: Context, group: Record) -> Mapping[str, tuple[Field, ...]]:
    """The fields of the group's datasets by their type."""
    found = {}
    for dataset in context.linked(group.arn, kind="Dataset", member="datasetGroupArn"):
        schema = context.find("Schema", dataset.links["schemaArn"])
        found[dataset.body["datasetType"]] = parse_schema(schema.body["schema"])
    return found


def _fields(schema: Record, type_: str) -> tuple[Field, ...]:
    try:
        return check_type(schema.body["schema"], type_)
    except SchemaError as problem:
        raise InvalidInput(str(problem)) from None


def _check_domains(group: Record, schema: Record) -> None:
    if group.body.get("domain") != schema.body.get("domain"):
        raise InvalidInput(
            f"The schema's domain {schema.body.get('domain')} is not that of the dataset group, "
            f"{group.body.get('domain')}."
        )
