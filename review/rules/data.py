"""What holds data: whether it goes, is replaced, is left behind, or is kept and protected less."""

from collections.abc import Iterator

from review.changes.impacts import How
from review.changes.model import Change
from review.ground.findings import EVERYTHING, Finding
from review.ground.saying import found

HOLDING = frozenset(
    [
        *("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"),
        *("AWS::KMS::ReplicaKey", "AWS::SecretsManager::Secret", "AWS::SQS::Queue", "AWS::Cognito::UserPool"),
        *("AWS::Personalize::DatasetGroup", "AWS::Personalize::Dataset", "AWS::Personalize::Solution"),
        *("AWS::Personalize::Schema", "AWS::RDS::DBInstance", "AWS::RDS::DBCluster", "AWS::EFS::FileSystem"),
        *("AWS::Kinesis::Stream", "AWS::ElastiCache::ReplicationGroup", "AWS::OpenSearchService::Domain"),
        *("AWS::Backup::BackupVault", "AWS::ECR::Repository", "AWS::Glue::Table", "AWS::S3Tables::Table"),
    ]
)
_KEPT = frozenset(["Retain", "RetainExceptOnCreate", "Snapshot"])
_POLICIES = ("DeletionPolicy", "UpdateReplacePolicy")
_KEY_FOR_EVER = ("KeySpec", "KeyUsage", "MultiRegion", "Origin")


def data(change: Change) -> Iterator[Finding]:
    yield from _kept_less(change)
    if change.type not in HOLDING:
        return
    kind = change.type.rpartition("::")[2]
    match change.how:
        case How.REMOVED:
            yield found("DATA-001", change, f"{kind} is deleted, with what it holds", EVERYTHING)
        case How.ORPHANED:
            yield found(
                "DATA-003", change, f"{kind} is taken from the stack and stays in the account", EVERYTHING
            )
        case How.REPLACED | How.MAY_BE_REPLACED:
            yield _replaced(change, kind)


def _replaced(change: Change, kind: str) -> Finding:
    by = [name for name, how in change.properties.items() if how is change.how]
    kept = (change.after or {}).get("UpdateReplacePolicy") in _KEPT
    fate = "the old one is left behind" if kept else "the old one is deleted"
    sure = change.how is How.REPLACED
    text = f"{kind} {'is' if sure else 'may be'} replaced, by {', '.join(by)}: {fate}"
    return found("DATA-002" if sure else "DATA-012", change, text, *by)


def _kept_less(change: Change) -> Iterator[Finding]:
    if change.before is None or change.after is None:
        return
    for policy in _POLICIES:
        old, new = change.before.get(policy, "Delete"), change.after.get(policy, "Delete")
        if old in _KEPT and new not in _KEPT:
            yield found("DATA-004", change, f"{policy} {old} → {new}", policy)
        elif old == new and policy in change.others and not change.type.startswith("AWS::RDS::"):
            yield found("REST-002", change, f"{policy} as it is by default", policy)


def emptied(change: Change) -> Iterator[Finding]:
    if change.type == "Custom::EmptyBucket" or "AutoDeleteObjects" in change.type:
        if change.is_new:
            yield found("DATA-016", change, "its bucket is emptied when the stack goes", EVERYTHING)
        elif change.goes:
            yield found("REST-003", change, "its bucket is no longer emptied when the stack goes", EVERYTHING)


def secrets(change: Change) -> Iterator[Finding]:
    if change.type != "AWS::SecretsManager::Secret" or change.is_new or change.goes:
        return
    for name in ("GenerateSecretString", "SecretString"):
        if change.differs(name):
            yield found("DATA-017", change, f"{name} changes: the value is another one afterwards", name)
    if change.differs("KmsKeyId"):
        yield found("DATA-010", change, "its key is another one", "KmsKeyId")
    old, new = (
        {str(one.get("Region")) for one in get("ReplicaRegions") or ()} for get in (change.old, change.new)
    )
    for region in sorted(old - new):
        yield found("DATA-008", change, f"its replica in {region} is removed", "ReplicaRegions")
    for region in sorted(new - old):
        yield found("DATA-013", change, f"a replica in {region} is added", "ReplicaRegions")


def keys(change: Change) -> Iterator[Finding]:
    if not change.type.startswith("AWS::KMS::") or change.is_new or change.goes:
        return
    for name, words in (("EnableKeyRotation", "is no longer rotated"), ("Enabled", "is disabled")):
        was = change.old(name)
        by_default = name == "Enabled"
        on = [by_default if value is None else value in (True, "true") for value in (was, change.new(name))]
        if change.differs(name) and on == [True, False]:
            yield found("DATA-010", change, f"the key {words}", name)
    if change.differs("RotationPeriodInDays"):
        old, new = (get("RotationPeriodInDays") or 365 for get in (change.old, change.new))
        rule = "DATA-010" if float(new) > float(old) else "REST-003"
        yield found(rule, change, f"rotated every {new} days, before {old}", "RotationPeriodInDays")
    if change.differs("BypassPolicyLockoutSafetyCheck"):
        name = "BypassPolicyLockoutSafetyCheck"
        off = change.new(name) in (True, "true")
        text = f"its policy may lock everybody out: the check is {'off' if off else 'on'}"
        yield found("DATA-005" if off else "REST-003", change, text, name)
    for name in _KEY_FOR_EVER:
        if change.how is How.CHANGED and change.differs(name):
            text = f"{name} of a key cannot be changed: it is refused, or another key is made"
            yield found("DATA-012", change, text, name)
    if change.differs("PendingWindowInDays"):
        old, new = (get("PendingWindowInDays") or 30 for get in (change.old, change.new))
        shorter = float(new) < float(old)
        text = f"a deleted key can be had back for {new} days, before {old}"
        yield found("DATA-005" if shorter else "REST-003", change, text, "PendingWindowInDays")


def new_and_not_kept(change: Change, retained_here: bool) -> Iterator[Finding]:
    """retained_here: whether what holds data is retained otherwise in this stage."""
    if change.is_new and change.type in HOLDING and change.type != "AWS::SQS::Queue" and retained_here:
        after = change.after or {}
        lost = [policy for policy in _POLICIES if after.get(policy, "Delete") not in _KEPT]
        if lost:
            yield found("DATA-014", change, f"{', '.join(lost)}: Delete")
