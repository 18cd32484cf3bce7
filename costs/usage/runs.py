"""What every run takes besides its model: extract, transitions, the loading of lists, files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from config.types.variants import Personalize
from costs.prices.items import Item
from costs.usage.line import Group, Line, lines_of
from costs.usage.setting import Setting
from costs.usage.training import dataset_gb
from costs.usage.volumes import EVENTS_PER_REQUEST, GB, HOURS

STATES_OF_RUN, STATES_OF_DATASET = 14, 2
"""Transitions of a run that finds nothing new; of each of its datasets."""
STATES_OF_VARIANT = 16
"""From the comparison to the publication, without waiting."""
STATES_OF_LOOK = 3
"""Wait, describe, decide."""
IMPORT_LOOKS, TRAINING_LOOKS, BATCH_LOOKS = 15, 30, 20
"""At jobs of Amazon Personalize of a quarter of an hour, an hour and a half, and 40 minutes."""
STATES_OF_SHARD = 2
MEMORY_GB = {"extract": 1769 / 1024, "input": 3008 / 1024, "small": 0.5}
"""Of the functions, as constructs/training/functions.py makes them."""
EXTRACT_ROWS, INPUT_ROWS, LOAD_LISTS = 200_000.0, 300_000.0, 1_000.0
"""A second. The last: of one function call, which is dearer than what was seen."""
UNIT_BYTES = 1_000
"""Of a stored list, for each of its write units."""
KEPT_DAYS = 14
"""Of datasets and batches in the bucket, and of what was overwritten."""


def run_lines(setting: Setting) -> Iterator[Line]:
    """Functions and transitions of all runs of a use case."""
    volumes, use_case = setting.volumes, setting.use_case
    datasets, variants = len(use_case.datasets), len(use_case.variants)
    rows = (
        volumes.interactions
        + (volumes.people if use_case.users else 0)
        + (volumes.items if use_case.items else 0)
    )
    lists = setting.lists * variants
    extract = (rows / EXTRACT_ROWS + 3.0 * datasets) * MEMORY_GB["extract"] * setting.runs
    made = setting.trainings * (volumes.interactions / INPUT_ROWS + 3.0) * MEMORY_GB["input"]
    loaded = setting.trainings * (lists / LOAD_LISTS + 2.0 * setting.shards * variants) * MEMORY_GB["small"]
    small = (setting.runs * 2.0 * variants + setting.trainings * 6.0 * variants) * MEMORY_GB["small"]
    rates = ("seconds by rates that are stated in costs/usage/runs.py", *volumes.said("people"))
    where = setting.where()
    cause = f"stage {setting.stage.name}: schedule; use case {use_case.name}"
    yield Line(
        where=where,
        group=Group.RUNS,
        what="extract, batch input, loading, small steps",
        item=Item.LAMBDA_GB_SECOND,
        quantity=extract + made + loaded + small,
        cause=cause,
        notes=(*rates, *volumes.said("interactions_per_person"), *setting.runs_notes),
    )
    calls = setting.runs * (datasets + variants) + setting.trainings * variants * (3 + setting.shards)
    yield Line(
        where=where,
        group=Group.RUNS,
        what="calls of functions",
        item=Item.LAMBDA_REQUEST,
        quantity=calls,
        cause=cause,
        notes=setting.runs_notes,
    )
    yield Line(
        where=where,
        group=Group.RUNS,
        what="transitions, distributed maps among them",
        item=Item.TRANSITION,
        quantity=transitions(setting),
        cause=f"{cause}: users_per_shard",
        notes=("jobs of Amazon Personalize take as long as costs/usage/runs.py says", *setting.runs_notes),
    )


def transitions(setting: Setting) -> float:
    """A month."""
    use_case = setting.use_case
    datasets = len(use_case.datasets)
    always = STATES_OF_RUN + STATES_OF_DATASET * datasets
    found = 0.0
    for variant in use_case.variants:
        found += STATES_OF_VARIANT + STATES_OF_SHARD * setting.shards
        if isinstance(variant, Personalize):
            looks = IMPORT_LOOKS * datasets + TRAINING_LOOKS + BATCH_LOOKS
            found += 2 * datasets + STATES_OF_LOOK * looks
        else:
            found += STATES_OF_SHARD * setting.shards
    return setting.runs * always + setting.trainings * found


def loading_lines(setting: Setting) -> Iterator[Line]:
    """Write units of full lists; in each other region as many when they are copied, and when their deletions
    are.
    """
    where, variants, each = setting.where(), len(setting.use_case.variants), setting.list_units
    written = setting.trainings * setting.lists * variants * each
    notes = (*setting.lists_notes, *setting.runs_notes, *setting.units_notes)
    stage = setting.stage.name
    yield Line(
        where=where,
        group=Group.LOADING,
        what="lists written, in write units",
        item=Item.WRITE_UNIT,
        quantity=written,
        cause=f"stage {stage}: audience, schedule; use case {setting.use_case.name}: variants, list_bytes",
        notes=notes,
    )
    for region in setting.stage.other_regions:
        cause = f"stage {stage}: replica_regions, standby_regions"
        copied = [
            (Item.REPLICATED_WRITE_UNIT, written, f"{what} here")
            for what in ("lists copied", "deletions of expired lists copied")
        ]
        there = replace(where, region=region)
        yield from lines_of(copied, where=there, group=Group.REPLICA, cause=cause, notes=notes)
        sent = [(Item.TRANSFER_GB, written * UNIT_BYTES / GB, f"bytes to {region}")]
        yield from lines_of(sent, where=where, group=Group.REPLICA, cause=cause, notes=notes)


def shown_lines(setting: Setting) -> Iterator[Line]:
    """Files of events, each of which is read again by every run as long as its day may tire somebody."""
    fatigue, volumes = setting.use_case.fatigue, setting.volumes
    if fatigue is None:
        return
    events = volumes.people * volumes.active_share * volumes.events_per_day / setting.asked
    files = events / EVENTS_PER_REQUEST * fatigue.days
    cause = f"stage {setting.stage.name}: schedule; use case {setting.use_case.name}: fatigue"
    yield from lines_of(
        ((Item.GET, setting.trainings * files, "files of what people were shown"),),
        where=setting.where(),
        group=Group.RUNS,
        cause=cause,
        notes=(*volumes.said("people", "active_share", "events_per_day"), *setting.runs_notes),
    )


def storage_lines(setting: Setting) -> Iterator[Line]:
    """Lists of the generations that have not expired, with their recovery, in every region; files."""
    days = setting.stage.generation_days
    generations = min(1.0, setting.trainings) + setting.trainings / (HOURS / 24) * days
    full = setting.list_units * UNIT_BYTES / GB
    gb = generations * setting.lists * len(setting.use_case.variants) * full
    stage = setting.stage.name
    for number, region in enumerate(setting.stage.regions):
        yield from lines_of(
            ((Item.TABLE_GB, gb, "lists stored"), (Item.RECOVERY_GB, gb, "recovery of lists")),
            where=replace(setting.where(), region=region),
            group=Group.REPLICA if number else Group.STORAGE,
            cause=f"stage {stage}: generation_days, audience",
            notes=(*setting.lists_notes, *setting.runs_notes, *setting.units_notes),
        )
    versions = 2 if setting.stage.keeps_versions else 1
    extracted = dataset_gb(setting) * setting.runs / (HOURS / 24) * KEPT_DAYS
    batch = setting.lists * 2_000 / GB * setting.trainings / (HOURS / 24) * KEPT_DAYS
    yield Line(
        where=setting.where(),
        group=Group.STORAGE,
        what=f"files of {KEPT_DAYS} days",
        item=Item.OBJECT_GB,
        quantity=(extracted + batch) * versions,
        cause=f"stage {stage}: schedule, tier; use case {setting.use_case.name}",
        notes=setting.volumes.said("people", "interactions_per_person"),
    )
    for standby in setting.stage.standby_regions:
        cause = f"stage {stage}: standby_regions"
        copies = [(Item.OBJECT_GB, 2 * extracted, f"copies of datasets of {KEPT_DAYS} days")]
        there = replace(setting.where(), region=standby.region)
        notes = setting.volumes.said("people", "interactions_per_person")
        yield from lines_of(copies, where=there, group=Group.REPLICA, cause=cause, notes=notes)
        sent = [(Item.TRANSFER_GB, dataset_gb(setting) * setting.runs, f"datasets to {standby.region}")]
        yield from lines_of(sent, where=setting.where(), group=Group.REPLICA, cause=cause, notes=notes)
    puts = setting.runs * len(setting.use_case.datasets) * 4 + setting.trainings * (20 + 6 * setting.shards)
    yield from lines_of(
        ((Item.PUT, puts, "requests for files"), (Item.GET, 3 * puts, "requests for files")),
        where=setting.where(),
        group=Group.STORAGE,
        cause=f"stage {stage}: schedule; use case {setting.use_case.name}: users_per_shard",
        notes=setting.runs_notes,
    )
