"""What a synth left, as far as it matters for the order of deployments."""

import json
import os.path
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from review.reading.asset_files import Within, made_of
from review.reading.templates import Template, resources_of

TABLE, BUCKET = "AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket"
RECORD = "AWS::Route53::RecordSet"
_NESTED = "cdk:cloud-assembly"


@dataclass(frozen=True)
class Stack:
    """id: by which the CDK's command line knows it. needs: names of stacks that the assembly deploys before.
    protected: whether CloudFormation refuses to delete it. deployed_by: roles that deploy it and buckets that
    what is deployed is taken from, by what each is for. told: topics that hear of its deployments.
    parameters: values that it is deployed with. assets: what each file or image that is uploaded for it is
    made of, by where it is uploaded to; None, if that is not known. Of files that a synth left there, their
    contents are part of it. assembly: the folder of the manifest that names it, within that of the synth.
    """

    name: str
    id: str
    account: str
    region: str
    template: Template
    needs: frozenset[str] = frozenset()
    protected: bool = False
    deployed_by: Mapping[str, str] = field(default_factory=dict)
    told: frozenset[str] = frozenset()
    parameters: Mapping[str, str] = field(default_factory=dict)
    assets: Mapping[str, str] | None = None
    assembly: str = ""

    @cached_property
    def exports(self) -> frozenset[str]:
        outputs = self.template.get("Outputs", {}).values()
        return frozenset(str(output["Export"]["Name"]) for output in outputs if "Export" in output)

    @cached_property
    def imports(self) -> frozenset[str]:
        return frozenset(_imports(self.template))

    @cached_property
    def tables(self) -> Mapping[str, Mapping[str, bool]]:
        """By name: whether the replica refuses to be deleted, by region."""
        return {
            str(table["TableName"]): {
                str(replica.get("Region")): bool(replica.get("DeletionProtectionEnabled"))
                for replica in table.get("Replicas", ())
            }
            for table in resources_of(self.template, TABLE).values()
            if "TableName" in table
        }

    @cached_property
    def retained(self) -> frozenset[str]:
        """Tables that outlive being taken out of the template."""
        return frozenset(
            str(one["Properties"]["TableName"])
            for one in self.template["Resources"].values()
            if one["Type"] == TABLE
            and one.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate")
            and "TableName" in one["Properties"]
        )

    @cached_property
    def buckets(self) -> frozenset[str]:
        """Those whose names are fixed."""
        made = resources_of(self.template, BUCKET).values()
        return frozenset(str(one["BucketName"]) for one in made if isinstance(one.get("BucketName"), str))

    def copies_to(self, bucket: str) -> bool:
        """Whether a bucket of the stack has a rule that names the other one as its destination."""
        rules = [
            one.get("ReplicationConfiguration", {}) for one in resources_of(self.template, BUCKET).values()
        ]
        return f':s3:::{bucket}"' in json.dumps(rules)

    @cached_property
    def records(self) -> frozenset[str]:
        """Names in a zone of Route 53."""
        return frozenset(str(one.get("Name")) for one in resources_of(self.template, RECORD).values())

    @cached_property
    def aliases(self) -> frozenset[str]:
        """Names in the same zone that records of this stack lead to."""
        found = [one.get("AliasTarget", {}) for one in resources_of(self.template, RECORD).values()]
        return frozenset(one["DNSName"] for one in found if isinstance(one.get("DNSName"), str))

    @cached_property
    def text(self) -> str:
        return json.dumps(self.template)

    def has(self, table: str, other: "Stack") -> bool:
        """Whether a replica of the stack's table is where the other stack is."""
        return self.account == other.account and other.region in self.tables.get(table, {})

    def beside(self, other: "Stack") -> bool:
        """Whether they see each other's exports."""
        return (self.account, self.region) == (other.account, other.region)


Estate = Mapping[str, Stack]
"""By name."""


def assembly_of(folder: Path, source: Path | None = None) -> dict[str, Stack]:
    """Of what the manifests name; other files of the folder are no part of it. source: the working tree of a
    synth that left its assets where they are, as the review's own does.

    Raises: FileNotFoundError, if no synth has left anything there; ValueError, with the file's name, if it is
    not what a synth leaves.
    """
    top = folder / "manifest.json"
    manifests = [*_named(top)] if top.exists() else sorted(folder.glob("assembly-*/manifest.json"))
    if not manifests:
        raise FileNotFoundError(f"{folder} has no manifest.json: name the folder of `cdk synth --output`")
    within = Within(root=folder.resolve(), source=source and source.resolve())
    stacks: dict[str, Stack] = {}
    for stack in (one for manifest in manifests for one in _readable(manifest, within)):
        if stack.name in stacks:
            both = " and ".join(f"{one.assembly}/manifest.json" for one in (stacks[stack.name], stack))
            raise ValueError(
                f"{folder}: two stacks are named {stack.name}, of {both}: give each a name of its own"
            )
        stacks[stack.name] = stack
    return stacks


def _named(manifest: Path) -> Iterator[Path]:
    """A manifest, and those of the assemblies within that it names."""
    yield manifest
    for artifact in _artifacts(manifest).values():
        if artifact.get("type") == _NESTED:
            yield from _named(
                manifest.parent / str(_properties(artifact).get("directoryName")) / manifest.name
            )


def _artifacts(manifest: Path) -> dict[str, dict[str, Any]]:
    content = _json(manifest)
    artifacts = content.get("artifacts", {}) if isinstance(content, dict) else None
    if not isinstance(artifacts, dict) or not all(isinstance(one, dict) for one in artifacts.values()):
        raise ValueError(
            f"{manifest} is no manifest of a cloud assembly: its artifacts are no object of objects"
        )
    return artifacts


def _properties(artifact: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = artifact.get("properties")
    return properties if isinstance(properties, dict) else {}


def _readable(manifest: Path, within: Within) -> list[Stack]:
    try:
        return list(_stacks(manifest, within))
    except (AttributeError, LookupError, TypeError) as error:
        kind = type(error).__name__
        raise ValueError(f"{manifest} is no manifest of a cloud assembly: {kind}: {error}") from error


def _stacks(manifest: Path, within: Within) -> Iterator[Stack]:
    artifacts = _artifacts(manifest)
    names = {
        key: artifact["properties"].get("stackName", key)
        for key, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    }
    for key, name in names.items():
        artifact = artifacts[key]
        account, region = artifact["environment"].removeprefix("aws://").split("/")
        file = manifest.parent / artifact["properties"]["templateFile"]
        uploaded = [*_assets(manifest.parent, artifacts, artifact)]
        yield Stack(
            name=name,
            id=artifact.get("displayName", name),
            account=account,
            region=region,
            template=_json(file),
            needs=frozenset(names[one] for one in artifact.get("dependencies", ()) if one in names),
            protected=bool(artifact["properties"].get("terminationProtection")),
            deployed_by=dict(_deployed_by(artifact["properties"], uploaded)),
            told=frozenset(artifact["properties"].get("notificationArns", ())),
            parameters=artifact["properties"].get("parameters", {}),
            assets=dict(made_of(uploaded, account, region, file, within)),
            assembly=os.path.relpath(manifest.parent.resolve(), within.root),
        )


def _assets(folder: Path, artifacts: Mapping[str, Any], artifact: Mapping[str, Any]) -> Iterator[Any]:
    """What is uploaded before a stack is deployed."""
    for key in artifact.get("dependencies", ()):
        if artifacts.get(key, {}).get("type") != "cdk:asset-manifest":
            continue
        file = folder / artifacts[key]["properties"]["file"]
        content = _json(file) if file.exists() else {}
        for kind in ("files", "dockerImages"):
            yield from content.get(kind, {}).values()


def _json(file: Path) -> Any:
    """Raises: ValueError, with the file's name, if it is no JSON; OSError, with it, if it cannot be read."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise type(error)(
            f"{file} cannot be read ({error.strerror}), and the assembly names it: synthesise anew, and "
            "leave the folder as it is"
        ) from error
    except ValueError as error:
        raise ValueError(f"{file}: {error}") from error


def _deployed_by(
    properties: Mapping[str, Any], assets: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Of a stack's properties in the manifest, by the names that the cloud assembly's schema has for them."""
    lookup = properties.get("lookupRole", {})
    named = {
        "assumeRoleArn": properties.get("assumeRoleArn"),
        "assumeRoleExternalId": properties.get("assumeRoleExternalId"),
        "assumeRoleAdditionalOptions": properties.get("assumeRoleAdditionalOptions"),
        "cloudFormationExecutionRoleArn": properties.get("cloudFormationExecutionRoleArn"),
        "lookupRole.arn": lookup.get("arn"),
        "lookupRole.assumeRoleExternalId": lookup.get("assumeRoleExternalId"),
        "lookupRole.assumeRoleAdditionalOptions": lookup.get("assumeRoleAdditionalOptions"),
        "bootstrapStackVersionSsmParameter": properties.get("bootstrapStackVersionSsmParameter"),
        "bucket of its template": properties.get("stackTemplateAssetObjectUrl", "").rpartition("/")[0],
    }
    destinations = [each for asset in assets for each in asset["destinations"].values()]
    for what in ("bucketName", "repositoryName", "region", "assumeRoleArn", "assumeRoleExternalId"):
        several = sorted({one[what] for one in destinations if one.get(what)})
        named[f"{what} of its assets"] = ", ".join(several)
    sources = [asset.get("source", {}) for asset in assets]
    commands = [source["executable"] for source in sources if source.get("executable")]
    named["commands that make its assets"] = json.dumps(sorted(commands)) if commands else None
    for what, value in named.items():
        if value:
            yield what, value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _imports(value: Any) -> Iterator[str]:
    match value:
        case {"Fn::ImportValue": str(name)}:
            yield name
        case dict():
            for member in value.values():
                yield from _imports(member)
        case list():
            for member in value:
                yield from _imports(member)
