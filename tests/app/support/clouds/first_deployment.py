"""A stage that keeps its data, deployed stack by stack onto an empty local cloud."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from app import build_app
from config.notifications import NOTIFICATIONS
from config.use_cases import USE_CASES
from review.reading.templates import Template, templates_of
from tests.app.support.business.stages import LOCAL, PROD
from tests.app.support.snapshots import NO_BUNDLING
from tests.local_cloud.support.local_aws import ROOT, LocalAws, serving

# What the local cloud has: its account, one region, and what people registered there.
KEPT = replace(PROD, account=LOCAL.account, replica_regions=(), notifications=LOCAL.notifications)
PREFIX = KEPT.id_in(KEPT.region)
_NOTIFYING = {notification.use_case for notification in NOTIFICATIONS}
_ASSETS = f"cdk-hnb659fds-assets-{KEPT.account}-{KEPT.region}"


def synthesise(folder: Path, *, protected: bool) -> dict[str, Template]:
    """Every stack's template by its name; one use case is as good as four."""
    use_cases = [use_case for use_case in USE_CASES if use_case.name in _NOTIFYING]
    # Only this stack's functions are called while stacks are made.
    bundled = NO_BUNDLING if protected else {"aws:cdk:bundling-stacks": [f"{PREFIX}/Data"]}
    stage = replace(KEPT, protected=protected)
    build_app([stage], use_cases, NOTIFICATIONS, outdir=str(folder), context=bundled).synth()
    return templates_of(folder)


@dataclass(frozen=True)
class EmptyCloud:
    aws: LocalAws

    def bootstrap(self, assembly: Path) -> None:
        """What `cdk bootstrap` and `cdk publish-assets` leave, as far as templates speak of it."""
        s3 = self.aws.client("s3")
        s3.create_bucket(Bucket=_ASSETS, CreateBucketConfiguration={"LocationConstraint": KEPT.region})
        self.aws.client("ssm").put_parameter(
            Name="/cdk-bootstrap/hnb659fds/version", Type="String", Value="30"
        )
        assets = {
            destination["objectKey"]: manifest.parent / asset["source"]["path"]
            for manifest in assembly.glob("assembly-*/*.assets.json")
            for asset in json.loads(manifest.read_text())["files"].values()
            for destination in asset["destinations"].values()
            if asset["source"]["packaging"] == "zip"
        }
        for key, folder in assets.items():
            s3.put_object(Bucket=_ASSETS, Key=key, Body=_zipped(folder))

    @property
    def _formation(self) -> Any:
        return self.aws.client("cloudformation")

    def create(self, name: str, template: Mapping[str, Any]) -> str:
        self._formation.create_stack(StackName=name, TemplateBody=json.dumps(template))
        return self.status(name)

    def update(self, name: str, template: Mapping[str, Any]) -> None:
        """As the CDK CLI: a template that changes nothing is none to deploy."""
        try:
            self._formation.update_stack(StackName=name, TemplateBody=json.dumps(template))
        except ClientError as problem:
            if "No updates are to be performed" not in str(problem):
                raise

    def statuses(self, names: Iterable[str]) -> list[str]:
        return [self.status(name) for name in names]

    def delete(self, name: str) -> None:
        self._formation.delete_stack(StackName=name)

    def status(self, name: str) -> str:
        return str(self._formation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    def left(self, name: str) -> dict[str, str]:
        """What a stack's operations so far have made and not deleted: physical ids by logical ones."""
        events = self._formation.describe_stack_events(StackName=name)["StackEvents"]
        ends: dict[str, tuple[str, str]] = {}
        for event in reversed(events):
            if event["PhysicalResourceId"]:
                ends[event["LogicalResourceId"]] = event["PhysicalResourceId"], event["ResourceStatus"]
        return {
            logical: physical
            for logical, (physical, status) in ends.items()
            if status != "DELETE_COMPLETE" and logical != name
        }

    def failures(self, name: str) -> list[str]:
        events = self._formation.describe_stack_events(StackName=name)["StackEvents"]
        return [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason')}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("_FAILED")
        ]

    def protected_tables(self) -> dict[str, bool]:
        dynamodb = self.aws.client("dynamodb")
        tables = [dynamodb.describe_table(TableName=name) for name in dynamodb.list_tables()["TableNames"]]
        return {each["Table"]["TableName"]: each["Table"]["DeletionProtectionEnabled"] for each in tables}


def refusing_deletion(assembly: Path) -> set[str]:
    """Names of the stacks that the CDK CLI protects against termination."""
    return {
        artifact["properties"]["stackName"]
        for manifest in assembly.glob("assembly-*/manifest.json")
        for artifact in json.loads(manifest.read_text())["artifacts"].values()
        if artifact.get("properties", {}).get("terminationProtection")
    }


def with_a_failure(template: Mapping[str, Any]) -> dict[str, Any]:
    """The template, and after all else is there a resource that cannot be made."""
    resources = dict(template["Resources"])
    properties = {"Protocol": "sqs", "TopicArn": f"arn:aws:sns:{KEPT.region}:{KEPT.account}:absent"}
    resources["Broken"] = {
        "Type": "AWS::SNS::Subscription",
        "Properties": properties,
        "DependsOn": sorted(resources),
    }
    return {**template, "Resources": resources}


@contextmanager
def empty_cloud(folder: Path) -> Iterator[EmptyCloud]:
    with serving(folder) as aws:
        command = [
            *(sys.executable, "-m", "personalize_server", "serve", "--data", str(folder / "personalize")),
            *("--port", str(aws.settings.personalize_port), "--s3-endpoint", aws.settings.endpoint_url),
            *("--timing", "instant", "--no-auth", "--log-level", "warning"),
        ]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                assert server.stdout.readline().startswith("listening on")
                yield EmptyCloud(aws)
            finally:
                server.terminate()


def _zipped(folder: Path) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder).as_posix())
    return packed.getvalue()
