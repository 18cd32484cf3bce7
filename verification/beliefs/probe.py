"""A dataset group beside the use case's, to import odd files into; it costs the minutes that imports take."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

_PATIENCE = 400
_ITEMS = ({"name": "ITEM_ID", "type": "string"}, {"name": "TITLE", "type": "string", "textual": True},
          {"name": "SIZE", "type": "int"})  # fmt: skip
_INTERACTIONS = (
    {"name": "USER_ID", "type": "string"},
    {"name": "ITEM_ID", "type": "string"},
    {"name": "EVENT_TYPE", "type": "string"},
    {"name": "IMPRESSION", "type": ["null", "string"]},
    {"name": "TIMESTAMP", "type": "long"},
)


class NotActive(Exception):
    """What was made failed, or took too long."""


@dataclass
class Probe:
    """group, items, interactions: ARNs. jobs: how many imports there were, which numbers their names."""

    personalize: Any
    s3: Any
    prefix: str
    bucket: str
    folder: str
    role: str
    pause: float
    group: str = ""
    items: str = ""
    interactions: str = ""
    jobs: int = field(default=0)

    @classmethod
    def made(cls, personalize: Any, s3: Any, **members: Any) -> "Probe":
        """Raises: NotActive; ClientError, if the service refuses it."""
        probe = cls(personalize, s3, **members)
        answer = personalize.create_dataset_group(name=probe.prefix)
        probe.group = answer["datasetGroupArn"]
        probe._await("dataset_group", "datasetGroup", probe.group)
        probe.items = probe._dataset("Items", _ITEMS)
        probe.interactions = probe._dataset("Interactions", _INTERACTIONS)
        return probe

    def import_files(self, dataset: str, files: Mapping[str, str]) -> dict[str, Any]:
        """How an import of one file, or of a folder of several, ended: status and failureReason.

        Raises: NotActive, if it does not end; ClientError, if the service refuses the job.
        """
        arn = self.begin_import(dataset, files)
        for _ in range(_PATIENCE):
            described = self.personalize.describe_dataset_import_job(datasetImportJobArn=arn)
            job: dict[str, Any] = described["datasetImportJob"]
            if job["status"] in ("ACTIVE", "CREATE FAILED"):
                return {"status": job["status"], "failureReason": job.get("failureReason")}
            time.sleep(self.pause)
        raise NotActive(f"{arn} does not end")

    def begin_import(self, dataset: str, files: Mapping[str, str]) -> str:
        """The job's ARN."""
        self.jobs += 1
        folder = f"{self.folder}/{self.jobs}"
        for name, text in files.items():
            self.s3.put_object(Bucket=self.bucket, Key=f"{folder}/{name}", Body=text.encode())
        key = f"{folder}/{next(iter(files))}" if len(files) == 1 else f"{folder}/"
        answer = self.personalize.create_dataset_import_job(
            jobName=f"{self.prefix}-{self.jobs}",
            datasetArn=dataset,
            dataSource={"dataLocation": f"s3://{self.bucket}/{key}"},
            roleArn=self.role,
            importMode="FULL",
        )
        return str(answer["datasetImportJobArn"])

    def tracker(self) -> str:
        """The tracking id of an event tracker, made for this."""
        answer = self.personalize.create_event_tracker(name=self.prefix, datasetGroupArn=self.group)
        self._await("event_tracker", "eventTracker", answer["eventTrackerArn"])
        return str(answer["trackingId"])

    def recreated(self) -> str | None:
        """What the service says when a deleted schema's name is used again at once; None if it is fine."""
        name, schema = f"{self.prefix}-again", _avro("Items", _ITEMS)
        arn = self.personalize.create_schema(name=name, schema=schema)["schemaArn"]
        self.personalize.delete_schema(schemaArn=arn)
        try:
            self.personalize.create_schema(name=name, schema=schema)
        except ClientError as error:
            return str(error)
        return None

    def _dataset(self, kind: str, fields: Any) -> str:
        schema = self.personalize.create_schema(
            name=f"{self.prefix}-{kind.lower()}", schema=_avro(kind, fields)
        )
        answer = self.personalize.create_dataset(
            name=f"{self.prefix}-{kind.lower()}",
            schemaArn=schema["schemaArn"],
            datasetGroupArn=self.group,
            datasetType=kind,
        )
        self._await("dataset", "dataset", answer["datasetArn"])
        return str(answer["datasetArn"])

    def _await(self, operation: str, member: str, arn: str) -> None:
        describe = getattr(self.personalize, f"describe_{operation}")
        for _ in range(_PATIENCE):
            described = describe(**{f"{member}Arn": arn})[member]
            if described["status"] == "ACTIVE":
                return
            if described["status"] == "CREATE FAILED":
                raise NotActive(f"{arn}: {described.get('failureReason')}")
            time.sleep(self.pause)
        raise NotActive(f"{arn} does not become ACTIVE")


def _avro(kind: str, fields: Any) -> str:
    return json.dumps(
        {
            "type": "record",
            "name": kind,
            "namespace": "com.amazonaws.personalize.schema",
            "fields": list(fields),
            "version": "1.0",
        }
    )
