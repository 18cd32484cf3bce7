"""Bucket properties, which CloudFormation writes in other words than the S3 API."""

from collections.abc import Mapping
from typing import Any


def encryption(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Rules": [
            _renamed(rule, {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"})
            for rule in value["ServerSideEncryptionConfiguration"]
        ]
    }


def cors(value: Mapping[str, Any]) -> dict[str, Any]:
    names = {"ExposedHeaders": "ExposeHeaders", "Id": "ID", "MaxAge": "MaxAgeSeconds"}
    return {"CORSRules": [_renamed(rule, names) for rule in value["CorsRules"]]}


def logging(value: Mapping[str, Any]) -> dict[str, Any]:
    enabled = _renamed(value, {"DestinationBucketName": "TargetBucket", "LogFilePrefix": "TargetPrefix"})
    return {"LoggingEnabled": {"TargetPrefix": "", **enabled}}


def notifications(value: Mapping[str, Any]) -> dict[str, Any]:
    configuration = _renamed(value, {"EventBridgeConfiguration": "EventBridgeConfiguration"})
    if "EventBridgeConfiguration" in configuration:
        configuration["EventBridgeConfiguration"] = {}
    return configuration


def replication(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"Role": value["Role"], "Rules": [_replication_rule(dict(rule)) for rule in value["Rules"]]}


def _replication_rule(rule: dict[str, Any]) -> dict[str, Any]:
    api = _renamed(rule, {"Id": "ID"})
    if "Filter" in api:
        filtered = _renamed(api["Filter"], {"TagFilter": "Tag"})
        if "And" in filtered:
            filtered["And"] = _renamed(filtered["And"], {"TagFilters": "Tags"})
        api["Filter"] = filtered
    return api


def lifecycle(value: Mapping[str, Any]) -> dict[str, Any]:
    return {"Rules": [_lifecycle_rule(dict(rule)) for rule in value["Rules"]]}


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    moved = {
        "ExpirationInDays": ("Expiration", "Days"),
        "ExpirationDate": ("Expiration", "Date"),
        "ExpiredObjectDeleteMarker": ("Expiration", "ExpiredObjectDeleteMarker"),
        "NoncurrentVersionExpirationInDays": ("NoncurrentVersionExpiration", "NoncurrentDays"),
    }
    api: dict[str, Any] = {"ID": rule.pop("Id", None), "Status": rule.pop("Status")}
    for name, (group, member) in moved.items():
        if name in rule:
            api.setdefault(group, {})[member] = rule.pop(name)
    for name in ("Transition", "Transitions"):
        transitions = rule.pop(name, [])
        for transition in transitions if isinstance(transitions, list) else [transitions]:
            renamed = _renamed(transition, {"TransitionInDays": "Days", "TransitionDate": "Date"})
            api.setdefault("Transitions", []).append(renamed)
    for name in ("NoncurrentVersionTransition", "NoncurrentVersionTransitions"):
        transitions = rule.pop(name, [])
        for transition in transitions if isinstance(transitions, list) else [transitions]:
            renamed = _renamed(transition, {"TransitionInDays": "NoncurrentDays"})
            api.setdefault("NoncurrentVersionTransitions", []).append(renamed)
    api["Filter"] = _filter(rule)
    return {name: item for name, item in (rule | api).items() if item is not None}


def _filter(rule: dict[str, Any]) -> dict[str, Any]:
    """Takes the filtering members out of the rule; with more than one, S3 wants an And."""
    members: dict[str, Any] = {
        name: rule.pop(name)
        for name in ("Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan")
        if name in rule
    }
    tags = rule.pop("TagFilters", [])
    if len(members) + len(tags) > 1:
        return {"And": members | ({"Tags": tags} if tags else {})}
    if tags:
        return {"Tag": tags[0]}
    return members or {"Prefix": ""}


def _renamed(value: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(name, name): item for name, item in value.items()}
