"""The recipe of docs/testing-with-personalize-server.md: beside an emulator that somebody already runs."""

import json

import boto3
import pytest

from personalize_server.testing import running_server
from tests.support.waiting import eventually

ROLE = "arn:aws:iam::123456789012:role/personalize"
EVENTS = "USER_ID,ITEM_ID,TIMESTAMP\n" + "".join(
    f"u{n % 50},i{n % 30},{1_700_000_000 + n}\n" for n in range(1_200)
)
FIELDS = [
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "TIMESTAMP", "type": "long"},
]
SCHEMA = {
    "type": "record",
    "name": "Interactions",
    "namespace": "com.amazonaws.personalize.schema",
    "fields": FIELDS,
    "version": "1.0",
}


def test_clients_of_an_emulator_find_personalize_beside_it(
    s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_server(("--s3-endpoint", s3_endpoint)) as server:
        for name, value in {**server.environment, "AWS_ENDPOINT_URL": s3_endpoint}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
        s3, personalize = boto3.client("s3"), boto3.client("personalize")
        s3.create_bucket(Bucket="attached")
        s3.put_object(Bucket="attached", Key="events.csv", Body=EVENTS.encode())
        group = personalize.create_dataset_group(name="attached")["datasetGroupArn"]
        schema = personalize.create_schema(name="attached", schema=json.dumps(SCHEMA))["schemaArn"]
        dataset = personalize.create_dataset(
            name="events", schemaArn=schema, datasetGroupArn=group, datasetType="Interactions"
        )["datasetArn"]
        job = personalize.create_dataset_import_job(
            jobName="events",
            datasetArn=dataset,
            dataSource={"dataLocation": "s3://attached/events.csv"},
            roleArn=ROLE,
        )["datasetImportJobArn"]

        def imported() -> bool:
            described = personalize.describe_dataset_import_job(datasetImportJobArn=job)["datasetImportJob"]
            assert described["status"] != "CREATE FAILED", described
            return bool(described["status"] == "ACTIVE")

        eventually(imported)
