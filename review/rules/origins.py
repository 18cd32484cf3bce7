"""What comes in from elsewhere: macros, nested stacks, custom resources, code and assets."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from review.changes.leaves import change_in_words, words
from review.changes.model import Change, Comparison, place_of
from review.ground.findings import EVERYTHING, Finding
from review.ground.kinds import is_known, what_it_does
from review.ground.saying import found, listed
from review.reading.assemblies import Stack
from review.reading.asset_files import MISSING, OUTSIDE, differ

_RULE, _FROM = "ACCESS-026", "REVIEW-ACCESS-024"
_CODE = {"AWS::Lambda::Function": "Code", "AWS::Lambda::LayerVersion": "Content"}
_BRINGING = frozenset(
    [
        *("AWS::CloudFormation::Stack", "AWS::CloudFormation::StackSet", "AWS::CloudFormation::Macro"),
        *("AWS::CloudFormation::ModuleVersion", "AWS::CloudFormation::ModuleDefaultVersion"),
        *("AWS::CloudFormation::ResourceVersion", "AWS::CloudFormation::TypeActivation"),
        *("AWS::ServiceCatalog::CloudFormationProvisionedProduct", "AWS::Serverless::Application"),
    ]
)
_ELSEWHERE = frozenset(
    [
        *(
            "DefinitionS3Location",
            "BodyS3Location",
            "ScriptLocation",
            "CodeUri",
            "ContentUri",
            "DefinitionUri",
        ),
        *("DefinitionSubstitutionsS3Location", "CodeS3Location", "TemplateURL", "TemplateUrl"),
    ]
)
"""properties that name a file with what a resource is to do"""
_INIT = "AWS::CloudFormation::Init"
"""metadata by which cfn-init installs and runs something"""
_LOADED = frozenset(
    [
        *("AWS_LAMBDA_EXEC_WRAPPER", "LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONSTARTUP", "PATH"),
        *("NODE_OPTIONS", "NODE_PATH", "JAVA_TOOL_OPTIONS", "PYTHONHOME"),
    ]
)
"""variables that decide which code a function runs before or instead of its own"""


def brought(change: Change) -> Iterator[Finding]:
    """By a resource, from its own words."""
    if change.goes:
        return
    if change.type in _BRINGING or change.type.endswith("::MODULE"):
        where = (
            change.new("TemplateURL") or change.new("FunctionName") or change.new("Location") or change.type
        )
        if change.is_new or change.properties:
            yield found(_RULE, change, f"its resources stand in {words(where)}: read that", EVERYTHING)
    for name in sorted(_ELSEWHERE):
        if (
            change.type not in _BRINGING
            and change.new(name) is not None
            and change.old(name) != change.new(name)
        ):
            yield found(_RULE, change, f"{name}: {change_in_words(change.old(name), change.new(name))}", name)
    yield from _layers(change)
    was, starts = (((side or {}).get("Metadata") or {}).get(_INIT) for side in (change.before, change.after))
    if starts is not None and was != starts:
        yield found(
            _RULE, change, f"what it installs and runs when it starts: {change_in_words(was, starts)}"
        )
    old, new = (get("Environment.Variables") or {} for get in (change.old, change.new))
    for name in sorted(_LOADED & {*new}):
        if old.get(name) != new[name]:
            text = f"{name} decides which code runs: {change_in_words(old.get(name), new[name])}"
            yield found(_RULE, change, text)


def _layers(change: Change) -> Iterator[Finding]:
    """Layers of other accounts, besides other versions of those that a function had."""
    before = {words(one).rpartition(":")[0] for one in listed(change.old("Layers"))}
    for one in listed(change.new("Layers")):
        layer = words(one, 1_000)
        if layer.startswith("arn:") and f":{change.place.account}:" not in layer:
            if layer.rpartition(":")[0] not in before:
                yield found(_RULE, change, f"the layer {layer} is of another account")


def templates(comparison: Comparison) -> Iterator[Finding]:
    """Macros that make another template of a template when it is deployed."""
    for name in sorted({one.stack for one in comparison.changes} | comparison.sections.keys()):
        if name not in comparison.after:
            continue
        sides = [
            side[name].template if name in side else {} for side in (comparison.before, comparison.after)
        ]
        old, new = ({json.dumps(one, sort_keys=True) for one in _macros(side)} for side in sides)
        for macro in sorted(new - old):
            stack = comparison.after[name]
            text = f"the template is made anew when it is deployed, by {words(json.loads(macro))}"
            place = place_of(stack)
            yield Finding(rule=f"REVIEW-{_RULE}", place=place, subject=name, text=text, type="stack")


def _macros(template: Mapping[str, Any]) -> Iterator[Any]:
    yield from listed(template.get("Transform"))
    for name, part in template.items():
        if name.startswith("Fn::"):
            yield {name: part}
        elif name not in ("Transform", "Metadata"):
            yield from _within(part)


def _within(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from (
            {key: one} for key, one in value.items() if key.startswith(("Fn::Transform", "Fn::ForEach"))
        )
        for member in value.values():
            yield from _within(member)
    elif isinstance(value, list):
        for member in value:
            yield from _within(member)


def unknown(comparison: Comparison) -> Iterator[Finding]:
    """What is new, of a kind that no rule knows and that no template had before."""
    there = {
        resource["Type"]
        for stack in comparison.before.values()
        for resource in stack.template["Resources"].values()
    }
    for change in comparison.changes:
        if not change.is_new or change.goes or is_known(change.type, there):
            continue
        does = what_it_does(change.type)
        if does:
            text = f"a new {change.type.removeprefix('AWS::')}, which by its kind {does}"
            yield found("ACCESS-026", change, f"{text}: no rule of this review judges it")
        else:
            yield found("REST-010", change, f"no rule of this review knows what {change.type} does: read it")


def code(comparison: Comparison) -> Iterator[Finding]:
    """Of functions and layers: what none of the stack's assets is."""
    for change in comparison.of_types(*_CODE):
        name = _CODE[change.type]
        code_ = change.new(name)
        if change.goes or code_ is None or (change.before is not None and change.old(name) == code_):
            continue
        if where := _not_an_asset(code_, change.old(name), comparison.after[change.stack]):
            yield found(_RULE, change, f"its code is no asset of the stack: {where}")


def _not_an_asset(new: Any, old: Any, stack: Stack) -> str:
    """Where code comes from; empty, if it is one of the stack's assets, or where the old one is."""
    known, before = stack.assets, old if isinstance(old, Mapping) else {}
    if not isinstance(new, Mapping):
        return words(new)
    if "ZipFile" in new:
        return "it stands in the template"
    if "ImageUri" in new:
        uri = words(new["ImageUri"], 1_000)
        return "" if known is not None and any(uri.endswith(f"/{one}") for one in known) else uri
    bucket, key = words(new.get("S3Bucket"), 1_000), words(new.get("S3Key"), 1_000)
    if "S3ObjectVersion" in new:
        return f"version {words(new['S3ObjectVersion'])} of s3://{bucket}/{key}"
    if known is None:
        same = not before or before.get("S3Bucket") == new.get("S3Bucket")
        return "" if same else f"s3://{bucket}/{key}"
    return "" if f"{bucket}/{key}" in known else f"s3://{bucket}/{key}"


def custom(comparison: Comparison) -> Iterator[Finding]:
    """Resources that are made by functions which none of the stacks has."""
    for change in comparison.changes:
        token = change.new("ServiceToken")
        if (
            change.goes
            or token is None
            or (change.before is not None and change.old("ServiceToken") == token)
        ):
            continue
        if not _ours(token, comparison.after[change.stack], comparison):
            yield found(_RULE, change, f"is made by {words(token)}, which no stack here has", "ServiceToken")


def _ours(token: Any, stack: Stack, comparison: Comparison) -> bool:
    match token:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            return name in stack.template["Resources"]
        case {"Fn::ImportValue": str(name)}:
            return any(name in other.exports for other in comparison.after.values() if other.beside(stack))
    named = words(token, 1_000)
    return any(
        named.endswith(f":function:{resource['Properties']['FunctionName']}")
        for other in comparison.after.values()
        if f":{other.region}:{other.account}:" in named
        for resource in other.template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
        and isinstance(resource.get("Properties", {}).get("FunctionName"), str)
    )


def uploads(comparison: Comparison) -> Iterator[Finding]:
    """What is uploaded under a name that the content gave it, and is made of something else."""
    before, after = comparison.before, comparison.after
    usual = {source for stack in before.values() for source in (stack.assets or {}).values()}
    unusual = tuple(end for end in (OUTSIDE, MISSING) if not any(one.endswith(end) for one in usual))
    for name, stack in sorted(after.items()):
        old = (before[name].assets if name in before else None) or {}
        for where, source in sorted((stack.assets or {}).items()):
            changed = where in old and differ(old[where], source)
            if changed or (usual and unusual and source.endswith(unusual)):
                text = f"{where} is made of {change_in_words(old.get(where), source, 250)}"
                place = place_of(stack)
                yield Finding(rule=_FROM, place=place, subject=name, text=text, type="stack")
