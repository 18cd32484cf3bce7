"""Tables: replicas, protection, point-in-time recovery, expiry, keys, encryption, capacity."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from review.changes.leaves import at, leaf_differences, words
from review.changes.model import Change
from review.ground.findings import Finding
from review.ground.saying import found, leaves

TABLES = ("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table")
_RECOVERY = "PointInTimeRecoverySpecification"
_ON, _DAYS = f"{_RECOVERY}.PointInTimeRecoveryEnabled", f"{_RECOVERY}.RecoveryPeriodInDays"
_MOST_DAYS = 35
_SAID = ("DeletionProtectionEnabled", _RECOVERY, "Tags", "Region")


def tables(change: Change) -> Iterator[Finding]:
    if change.type not in TABLES or change.before is None or change.after is None:
        return
    yield from _replicas(change)
    yield from _expiry(change)
    for name in ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        if name in change.properties:
            yield found("DATA-015", change, leaves(change, name), name)
    if "StreamSpecification" in change.properties:
        yield found("DATA-015", change, leaves(change, "StreamSpecification"), "StreamSpecification")
    if "SSESpecification" in change.properties:
        yield found("DATA-010", change, leaves(change, "SSESpecification"), "SSESpecification")
    yield from _capacity(change)


def _replicas(change: Change) -> Iterator[Finding]:
    old, new = _by_region(change, change.old), _by_region(change, change.new)
    for region in sorted(old.keys() - new.keys()):
        yield found("DATA-008", change, f"its replica in {region} is removed", "Replicas")
    for region in sorted(new.keys() - old.keys()):
        yield found("DATA-013", change, f"a replica in {region} is added", "Replicas")
        if _unprotected(old, new[region]):
            yield found(
                "DATA-005", change, f"the new replica in {region} can be deleted, others cannot", "Replicas"
            )
        if not at(new[region], _ON) and any(at(one, _ON) for one in old.values()):
            yield found(
                "DATA-006", change, f"the new replica in {region} cannot be restored, others can", "Replicas"
            )
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for region in sorted(old.keys() & new.keys()):
        for rule, text in _replica(old[region], new[region]):
            alike[rule, text].append(region)
    for (rule, text), regions in alike.items():
        said = f"in {', '.join(regions)}{text}"
        yield found(rule, change, said, "Replicas", "DeletionProtectionEnabled", _RECOVERY)
    if not alike and old.keys() == new.keys() and "Replicas" in change.properties:
        yield found("REST-002", change, "its replicas, said otherwise", "Replicas")


def _unprotected(old: Mapping[str, Any], added: Any) -> bool:
    return not added.get("DeletionProtectionEnabled") and any(
        one.get("DeletionProtectionEnabled") for one in old.values()
    )


def _replica(old: Any, new: Any) -> Iterator[tuple[str, str]]:
    """Rules, and what is said after the region."""
    if old.get("DeletionProtectionEnabled") and not new.get("DeletionProtectionEnabled"):
        yield "DATA-005", " it can be deleted"
    elif new.get("DeletionProtectionEnabled") and not old.get("DeletionProtectionEnabled"):
        yield "REST-003", " it can no longer be deleted by mistake"
    was, is_now = _days(old), _days(new)
    back = f" it can be restored {is_now:g} days back, before {was:g}"
    if is_now < was:
        yield "DATA-006", back if is_now else " it cannot be restored any more"
    elif is_now > was:
        yield "DATA-018", back
    rest = [{key: value for key, value in one.items() if key not in _SAID} for one in (old, new)]
    for path, one, other in leaf_differences(rest[0], rest[1]):
        rule = "DATA-010" if "SSE" in path or "KMS" in path else "REST-001"
        rule = "FLOW-015" if "OnDemandThroughput" in path else rule
        rule = "ACCESS-025" if "KinesisStream" in path else rule
        if "ResourcePolicy" not in path:
            yield rule, f": {path}: {words(one)} → {words(other)}"


def _days(replica: Any) -> float:
    if at(replica, _ON) not in (True, "true"):
        return 0
    return float(at(replica, _DAYS) or _MOST_DAYS)


def _by_region(change: Change, get: Any) -> dict[str, Any]:
    if change.type == "AWS::DynamoDB::Table":
        resource = {name: get(name) for name in ("DeletionProtectionEnabled", _RECOVERY)}
        return {change.place.region: resource}
    return {words(one.get("Region")): one for one in get("Replicas") or ()}


def _expiry(change: Change) -> Iterator[Finding]:
    name = "TimeToLiveSpecification"
    if name in change.properties:
        on = [_expires(get(name)) for get in (change.old, change.new)]
        yield found("DATA-007", change, f"{on[0]} → {on[1]}", name)


def _expires(specification: Any) -> str:
    if not specification or specification.get("Enabled") in (False, "false"):
        return "items do not expire"
    return f"items expire by {words(specification.get('AttributeName'))}"


def _capacity(change: Change) -> Iterator[Finding]:
    if change.differs("BillingMode"):
        fixed = change.new("BillingMode") != "PAY_PER_REQUEST"
        text = f"BillingMode {words(change.old('BillingMode'))} → {words(change.new('BillingMode'))}"
        yield found("COST-005" if fixed else "COST-002", change, text, "BillingMode")
    for name in change.properties:
        if "OnDemandThroughput" in name:
            yield found("FLOW-015", change, leaves(change, name), name)
        elif "Throughput" in name:
            yield found("COST-005", change, leaves(change, name), name)
