"""Buckets, log groups, queues and topics: how long they keep, who copies, and by which key."""

import json
from collections.abc import Iterator
from typing import Any

from review.access.patterns import includes
from review.changes.leaves import number, words
from review.changes.model import Change, Comparison
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found, leaves, listed
from review.reading.assemblies import Estate
from review.rules.documents import is_policy, statements_in
from review.rules.roles import IDENTITIES

_FOR_EVER = float("inf")
_QUEUE_SECONDS = 345_600
_ARCHIVES = frozenset(["GLACIER", "Glacier", "DEEP_ARCHIVE", "ARCHIVE_ACCESS", "DEEP_ARCHIVE_ACCESS"])
"""storage classes and tiers from which objects have to be restored before they are read: minutes to days"""
_TOPIC, _QUEUE, _LOGS = "AWS::SNS::Topic", "AWS::SQS::Queue", "AWS::Logs::LogGroup"


def buckets(change: Change) -> Iterator[Finding]:
    if change.type != "AWS::S3::Bucket" or change.before is None or change.after is None:
        return
    yield from _lifecycle(change)
    if "BucketEncryption" in change.properties:
        yield found("DATA-010", change, leaves(change, "BucketEncryption"), "BucketEncryption")
    if "VersioningConfiguration" in change.properties:
        old, new = (words(get("VersioningConfiguration.Status")) for get in (change.old, change.new))
        rule = "DATA-009" if old == "Enabled" else "DATA-018"
        yield found(rule, change, f"versions are kept: {old} → {new}", "VersioningConfiguration")
    if "ReplicationConfiguration" in change.properties:
        yield from _copies(change)
    for name in ("ObjectLockConfiguration", "ObjectLockEnabled"):
        if name in change.properties:
            yield found(
                "DATA-005" if not change.new(name) else "DATA-018", change, leaves(change, name), name
            )
    if "LoggingConfiguration" in change.properties:
        yield found("WATCH-009", change, leaves(change, "LoggingConfiguration"), "LoggingConfiguration")
    if "NotificationConfiguration" in change.properties:
        rule = "WATCH-008" if not change.new("NotificationConfiguration") else "FLOW-011"
        yield found(rule, change, leaves(change, "NotificationConfiguration"), "NotificationConfiguration")


def _copies(change: Change) -> Iterator[Finding]:
    name = "ReplicationConfiguration"
    old, new = (
        {
            json.dumps(rule, sort_keys=True)
            for rule in get(f"{name}.Rules") or ()
            if rule.get("Status") != "Disabled"
        }
        for get in (change.old, change.new)
    )
    if old - new:
        yield found("DATA-011", change, f"{len(old - new)} rule(s) removed, disabled or changed", name)
    elif new - old:
        yield found("REST-001", change, f"{len(new - old)} rule(s) to copy it are added", name)


def _lifecycle(change: Change) -> Iterator[Finding]:
    name = "LifecycleConfiguration"
    if name not in change.properties:
        return
    old, new = _expiries(change.old(name)), _expiries(change.new(name))
    for what in sorted({*old, *new}):
        was, is_now = old.get(what, _FOR_EVER), new.get(what, _FOR_EVER)
        if was != is_now:
            rule = "DATA-009" if is_now < was else "DATA-018"
            yield found(rule, change, f"{what}: kept {_days(was)} → {_days(is_now)}", name)
    counts = [_versions(change.old(name)), _versions(change.new(name))]
    for where in sorted({*counts[0], *counts[1]}):
        was, is_now = (one.get(where, 0) for one in counts)
        if was != is_now:
            rule = "DATA-009" if is_now < was else "DATA-018"
            yield found(
                rule, change, f"old versions of {where} that are always kept: {was:g} → {is_now:g}", name
            )
    if _unnamed(change.old(name)) == _unnamed(change.new(name)):
        yield found("REST-002", change, "the same rules by other names", name)
    elif old == new and counts[0] == counts[1]:
        yield found("REST-001", change, leaves(change, name), name)


def archived(comparison: Comparison) -> Iterator[Finding]:
    """Objects that move to where nothing can read them at once."""
    for change in comparison.of_types("AWS::S3::Bucket"):
        names = ("LifecycleConfiguration", "IntelligentTieringConfigurations")
        old, new = (
            {one for name in names for one in _archivings(get(name))} for get in (change.old, change.new)
        )
        if new - old and _is_read(change, comparison.after):
            text = "; ".join(sorted(new - old))
            yield found("DATA-020", change, f"{text}: what reads them fails until they are restored")


def _archivings(configuration: Any) -> set[str]:
    """What of a bucket moves to an archive, in words: rules of its lifecycle, or intelligent tiers."""
    rules = configuration if isinstance(configuration, list) else (configuration or {}).get("Rules") or []
    said = set()
    for rule in rules:
        if rule.get("Status") == "Disabled":
            continue
        where = words(rule.get("Prefix") or rule.get("Filter") or "all objects")
        for moves, class_ in (
            ([*listed(rule.get("Transition")), *listed(rule.get("Transitions"))], "StorageClass"),
            (listed(rule.get("Tierings")), "AccessTier"),
        ):
            said |= {f"{where} go to {one[class_]}" for one in moves if one.get(class_) in _ARCHIVES}
    return said


def _is_read(bucket: Change, estate: Estate) -> bool:
    """Whether a policy of the account lets anybody read objects of the bucket."""
    name = bucket.new("BucketName")
    names = [bucket.logical_id, *([name] if isinstance(name, str) else [])]
    return any(
        any(one in json.dumps(statement) for one in names) and _lets_read(statement)
        for stack in estate.values()
        if stack.account == bucket.place.account
        for resource in stack.template["Resources"].values()
        if resource["Type"] in IDENTITIES or is_policy(resource["Type"])
        for document in statements_in(resource.get("Properties"))
        for statement in listed(document["Statement"])
    )


def _lets_read(statement: Any) -> bool:
    actions = listed(statement.get("Action"))
    return statement.get("Effect") == "Allow" and any(
        includes(one, "s3:GetObject", any_case=True) for one in actions
    )


def _versions(configuration: Any) -> dict[str, float]:
    """How many of the newest old versions are kept however old they are, by what they are of."""
    return {
        words(rule.get("Prefix") or "all objects"): number(kept) or 0
        for rule in (configuration or {}).get("Rules") or ()
        if (kept := (rule.get("NoncurrentVersionExpiration") or {}).get("NewerNoncurrentVersions"))
        is not None
    }


def _unnamed(configuration: Any) -> list[str]:
    """Rules without their names."""
    rules = (configuration or {}).get("Rules") or ()
    return sorted(json.dumps({**rule, "Id": ""}, sort_keys=True) for rule in rules)


def _expiries(configuration: Any) -> dict[str, float]:
    """Days by what they are of."""
    found_days: dict[str, float] = {}
    for rule in (configuration or {}).get("Rules") or ():
        if rule.get("Status") == "Disabled":
            continue
        where = words(rule.get("Prefix") or rule.get("Filter") or "all objects")
        current = number(rule.get("ExpirationInDays"))
        versions = rule.get("NoncurrentVersionExpiration") or {}
        older = number(versions.get("NoncurrentDays", rule.get("NoncurrentVersionExpirationInDays")))
        if (until := rule.get("ExpirationDate")) is not None:
            found_days[f"{where}, from {words(until)} on"] = 0
        # Of several rules the earliest counts.
        for what, days in ((where, current), (f"old versions of {where}", older)):
            if days is not None:
                found_days[what] = min(days, found_days.get(what, _FOR_EVER))
    return found_days


def log_groups(change: Change) -> Iterator[Finding]:
    if change.type != _LOGS:
        return
    if change.goes:
        yield found("WATCH-009", change, "the log goes, or stays without its stack", EVERYTHING)
    elif change.before is not None:
        yield from _kept(change, "RetentionInDays", 1, _FOR_EVER)
        if change.differs("KmsKeyId"):
            yield found("DATA-010", change, leaves(change, "KmsKeyId"), "KmsKeyId")


def queues(change: Change) -> Iterator[Finding]:
    if change.type != _QUEUE:
        return
    if change.before is None or change.after is None:
        return
    yield from _kept(change, "MessageRetentionPeriod", 86_400, _QUEUE_SECONDS)
    if "RedrivePolicy" in change.properties:
        where = "RedrivePolicy.deadLetterTargetArn"
        lost = change.old(where) is not None and change.old(where) != change.new(where)
        yield found(
            "WATCH-010" if lost else "FLOW-018", change, leaves(change, "RedrivePolicy"), "RedrivePolicy"
        )
    if "RedriveAllowPolicy" in change.properties:
        old, new = (_allowed(get("RedriveAllowPolicy")) for get in (change.old, change.new))
        lost = new is not None and (old is None or old - new)
        rule = "WATCH-010" if lost else "ACCESS-006"
        yield found(rule, change, leaves(change, "RedriveAllowPolicy"), "RedriveAllowPolicy")
    for name in ("KmsMasterKeyId", "SqsManagedSseEnabled"):
        if change.differs(name):
            yield found("DATA-010", change, leaves(change, name), name)
    for name in ("VisibilityTimeout", "DelaySeconds", "MaximumMessageSize", "ReceiveMessageWaitTimeSeconds"):
        if change.differs(name):
            yield found("FLOW-018", change, leaves(change, name), name)


def _allowed(policy: Any) -> set[str] | None:
    """Queues whose failed messages are taken; None: those of all."""
    match (policy or {}).get("redrivePermission", "allowAll"):
        case "byQueue":
            return {words(one) for one in policy.get("sourceQueueArns") or ()}
        case "denyAll":
            return set()
        case _:
            return None


def topics(change: Change) -> Iterator[Finding]:
    if change.type != _TOPIC:
        return
    if change.goes or change.how.value.endswith("replaced"):
        yield found(
            "WATCH-007", change, f"the topic is {change.how.value}: its subscribers hear nothing", EVERYTHING
        )
    elif change.before is not None and change.differs("KmsMasterKeyId"):
        yield found("DATA-010", change, leaves(change, "KmsMasterKeyId"), "KmsMasterKeyId")


def _kept(change: Change, name: str, unit: int, default: float) -> Iterator[Finding]:
    if not change.differs(name):
        return
    was, is_now = ((number(get(name)) or default) / unit for get in (change.old, change.new))
    rule = "DATA-009" if is_now < was else "DATA-018"
    yield found(rule, change, f"kept {_days(was)} → {_days(is_now)}", name)


def _days(days: float) -> str:
    return "for ever" if days == _FOR_EVER else f"{days:g} days"
