"""What background jobs find in a dataset: its schema and its parts on disk."""

from typing import Any

from personalize_server.facts.options import Options
from personalize_server.state.store import Record, Store


def dataset_content(
    store: Store, options: Options, group_arn: str, dataset_type: str, *, replaced_only: bool = False
) -> dict[str, Any] | None:
    """The group's dataset of this type: its schema, and its parts on disk, oldest first.

    replaced_only: without what came by imports of the mode INCREMENTAL.
    """
    for dataset in store.linked(group_arn, kind="Dataset", member="datasetGroupArn"):
        if dataset.body["datasetType"] == dataset_type:
            parts = [str(options.datasets / part) for part in dataset.own.get("parts", [])]
            schema = needed(store, dataset.links["schemaArn"]).body["schema"]
            own = dataset.own
            before = own.get("put_before", [0] * len(parts))
            left_out = appended_parts(dataset, len(parts)) if replaced_only else [False] * len(parts)
            return {
                "arn": dataset.arn,
                "schema": schema,
                "parts": [part for part, out in zip(parts, left_out, strict=True) if not out],
                "put_before": [seq for seq, out in zip(before, left_out, strict=True) if not out],
                "erased": own.get("erased", 0),
            }
    return None


def appended_parts(dataset: Record, parts: int) -> list[bool]:
    """Which parts came by imports of the mode INCREMENTAL; where that was not recorded, all but the first."""
    return list(dataset.own.get("appended", [False, *[True] * (parts - 1)][:parts]))


def needed(store: Store, arn: str) -> Record:
    """Raises LookupError if it has been deleted."""
    record = store.get(arn)
    if record is None:
        raise LookupError(f"{arn} has been deleted")
    return record
