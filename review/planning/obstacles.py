"""Why CloudFormation or DynamoDB would refuse the deployment of a stack, given what is deployed by then.

Sources: CloudFormation user guide, "Exports" (one that is in use cannot be changed or removed), and
AWS::DynamoDB::GlobalTable, `Replicas` (one is added or removed per update; DeletionProtectionEnabled). Amazon
S3 user guide, "Requirements and considerations for replication" (both buckets exist and keep versions).
Route 53 developer guide, "Values specific for alias records" (what an alias leads to must be there).
"""

from collections.abc import Iterator

from review.reading.assemblies import Estate, Stack


def obstacles(deployed: Estate, target: Stack | None, name: str, goal: Estate) -> list[str]:
    """Each with what to do first. target: None deletes the stack. goal: what is to be there in the end."""
    before = deployed.get(name)
    found = [*_exports_in_use(deployed, before, target), *_records_in_use(deployed, before, target)]
    if target is not None:
        found += [*_missing(deployed, target, goal), *_absent_tables(deployed, target, goal)]
        found += [*_absent_buckets(deployed, target, goal), *_owned_elsewhere(deployed, target)]
        found += _absent_records(deployed, target, goal)
    elif before is not None and before.protected:
        found.append("its termination protection is on: turn it off first")
    if before is not None:
        found += [*_tables(deployed, before, target, goal), *_receiving(deployed, before, target)]
    return found


def _exports_in_use(deployed: Estate, before: Stack | None, target: Stack | None) -> Iterator[str]:
    gone = before.exports - (target.exports if target else frozenset()) if before else frozenset()
    for other in deployed.values():
        if before is not None and other.name != before.name and other.beside(before):
            for export in sorted(gone & other.imports):
                yield f"{other.name} still imports {export}: deploy {other.name} first"


def _missing(deployed: Estate, target: Stack, goal: Estate) -> Iterator[str]:
    for need in sorted(target.needs - deployed.keys()):
        yield f"it needs {need}, which is not there: deploy {need} first"
    there = {export for one in deployed.values() if one.beside(target) for export in one.exports}
    for name in sorted(target.imports - there):
        makers = [one.name for one in goal.values() if one.beside(target) and name in one.exports]
        first = f"deploy {makers[0]} first" if makers else "and no stack makes it"
        yield f"it imports {name}, which nobody exports: {first}"


def _absent_tables(deployed: Estate, target: Stack, goal: Estate) -> Iterator[str]:
    """What lies in another region and is known by name there has to be copied first."""
    for owner in goal.values():
        if owner.account != target.account or owner.region == target.region:
            continue
        for table, replicas in owner.tables.items():
            named = f'"{table}"' in target.text or f"table/{table}" in target.text
            there = {region for one in deployed.values() for region in one.tables.get(table, {})}
            if named and target.region in replicas and target.region not in there:
                yield f"{table} is not in {target.region} yet: deploy {owner.name} first"


def _absent_records(deployed: Estate, target: Stack, goal: Estate) -> Iterator[str]:
    there = {record for one in deployed.values() if one.account == target.account for record in one.records}
    for name in sorted(target.aliases - there - target.records):
        makers = [one.name for one in goal.values() if one.account == target.account and name in one.records]
        if makers:
            yield f"its record leads to {name}, which is not there yet: deploy {makers[0]} first"


def _records_in_use(deployed: Estate, before: Stack | None, target: Stack | None) -> Iterator[str]:
    gone = before.records - (target.records if target else frozenset()) if before else frozenset()
    for other in deployed.values():
        if before is not None and other.name != before.name and other.account == before.account:
            for name in sorted(gone & other.aliases):
                yield f"a record of {other.name} still leads to {name}: deploy {other.name} first"


def _owned_elsewhere(deployed: Estate, target: Stack) -> Iterator[str]:
    """A table is a resource of one stack only, all its replicas together."""
    for table in target.tables:
        for other in deployed.values():
            if other.name != target.name and other.has(table, target):
                yield f"{other.name} owns {table}: deploy {other.name} without it first"


def _absent_buckets(deployed: Estate, target: Stack, goal: Estate) -> Iterator[str]:
    """A rule that copies objects wants the bucket that gets them."""
    for owner in goal.values():
        there = deployed[owner.name].buckets if owner.name in deployed else frozenset()
        for bucket in sorted(owner.buckets - there):
            if owner.name != target.name and target.copies_to(bucket):
                yield f"{bucket}, which it copies to, is not there yet: deploy {owner.name} first"


def _receiving(deployed: Estate, before: Stack, target: Stack | None) -> Iterator[str]:
    for bucket in sorted(before.buckets - (target.buckets if target else frozenset())):
        for other in deployed.values():
            if other.name != before.name and other.copies_to(bucket):
                yield f"{other.name} still copies to {bucket}: deploy {other.name} first"


def _tables(deployed: Estate, before: Stack, target: Stack | None, goal: Estate) -> Iterator[str]:
    for table, replicas in before.tables.items():
        after = target.tables.get(table) if target else None
        if after is None and any(one.has(table, before) for one in goal.values() if one.name != before.name):
            if table not in before.retained:
                yield f"{table} would be deleted, and another stack is to own it: retain it first"
            continue
        if after is not None:
            added, removed = sorted(after.keys() - replicas.keys()), sorted(replicas.keys() - after.keys())
            if len(added) + len(removed) > 1:
                changed = [*(f"+{one}" for one in added), *(f"-{one}" for one in removed)]
                yield (
                    f"the replicas of {table} change by {', '.join(changed)}: one is added or removed per "
                    "update"
                )
        removed = sorted(replicas.keys() - (after or {}).keys())
        for region in removed:
            if replicas[region]:
                yield f"the deletion protection of {table} in {region} is on: turn it off first"
            users = [
                other.name
                for other in deployed.values()
                if other.account == before.account
                and other.region == region != before.region
                and (f'"{table}"' in other.text or f"table/{table}" in other.text)
            ]
            if users:
                yield f"{', '.join(sorted(users))} in {region} use {table}: delete them first"
