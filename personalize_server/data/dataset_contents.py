"""What background jobs find in a dataset: its schema and its parts on disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from personalize_server.facts.options import Options
from personalize_server.state.store import Record, Store


@dataclass(frozen=True, kw_only=True)
class DatasetContent:
    arn: str
    schema: str
    """in Avro's JSON"""
    parts: Sequence[Path]
    """folders of what was imported, oldest first"""
    put_before: Sequence[int]
    """per part: the number of the newest record put one by one that came before it"""
    erased: int
    """the number of the last job that deleted users from it, 0 if none has"""


def dataset_content(
    store: Store, options: Options, group_arn: str, dataset_type: str, *, replaced_only: bool = False
) -> DatasetContent | None:
    """The group's dataset of this type; None: it has none.

    replaced_only: without what came by imports of the mode INCREMENTAL.
    """
    for dataset in store.linked(group_arn, kind="Dataset", member="datasetGroupArn"):
        if dataset.body["datasetType"] == dataset_type:
            return _content(store, options, dataset, replaced_only=replaced_only)
    return None


def dataset_contents(store: Store, options: Options, group_arn: str) -> Mapping[str, DatasetContent]:
    """Those of all datasets of a group, by type."""
    datasets = store.linked(group_arn, kind="Dataset", member="datasetGroupArn")
    return {dataset.body["datasetType"]: _content(store, options, dataset) for dataset in datasets}


def _content(
    store: Store, options: Options, dataset: Record, *, replaced_only: bool = False
) -> DatasetContent:
    own = dataset.own
    parts = [options.datasets / part for part in own.get("parts", [])]
    before = own.get("put_before", [0] * len(parts))
    left_out = appended_parts(dataset, len(parts)) if replaced_only else [False] * len(parts)
    return DatasetContent(
        arn=dataset.arn,
        schema=needed(store, dataset.links["schemaArn"]).body["schema"],
        parts=tuple(part for part, out in zip(parts, left_out, strict=True) if not out),
        put_before=tuple(seq for seq, out in zip(before, left_out, strict=True) if not out),
        erased=own.get("erased", 0),
    )


def appended_parts(dataset: Record, parts: int) -> list[bool]:
    """Which parts came by imports of the mode INCREMENTAL; where that was not recorded, all but the first."""
    return list(dataset.own.get("appended", [False, *[True] * (parts - 1)][:parts]))


def needed(store: Store, arn: str) -> Record:
    """Raises: LookupError, if it has been deleted."""
    record = store.get(arn)
    if record is None:
        raise LookupError(f"{arn} has been deleted")
    return record
