"""What a run takes to make its lists: Amazon Personalize, or functions with the engine."""

from __future__ import annotations

from collections.abc import Iterator

from config.types.variants import Heuristic, Own, Personalize
from costs.prices.items import Item, listed_by, second_generation, trained_by
from costs.usage.line import Group, Line, lines_of
from costs.usage.setting import Setting
from costs.usage.volumes import DAYS, GB, HOURS
from pipeline.own.needs import MOST_MB, Sizes

TRAIN_SECONDS, TRAIN_MICROSECONDS_PER_EVENT = 10.0, 7.0
"""Of a training with weights kept, on two processors: docs/variants.md has 43 s for 4.8 million events."""
LEARNING_FACTOR = 1.5
"""Of a training that learns the weights of a blend again: 66 s after 43."""
LIST_MICROSECONDS = 316.0
"""Of a person's list: docs/variants.md. On one processor, which is dearer than what was seen on two."""
CALL_SECONDS = 5.0
"""Of a call besides: a cold start with the layers of the engine, fetching data and models."""
LONGEST_SECONDS = 900.0
"""Of a function."""


def personalize_lines(setting: Setting, variant: Personalize) -> Iterator[Line]:
    """Import, training and batch of the runs that find something new."""
    volumes, where = setting.volumes, setting.where(variant)
    case = setting.use_case.name
    changed = setting.runs_notes
    yield Line(
        where=where,
        group=Group.IMPORT,
        what="datasets imported",
        item=Item.INGESTED_GB,
        quantity=setting.trainings * dataset_gb(setting),
        cause=f"use case {case}: interactions, users, items",
        notes=(*volumes.said("people", "interactions_per_person", "items"), *changed),
    )
    item = trained_by(variant.recipe)
    by_hours = item is Item.TRAINING_HOUR
    yield Line(
        where=where,
        group=Group.TRAINING,
        what=f"training, {variant.recipe}",
        item=item,
        quantity=setting.trainings * (volumes.hours if by_hours else volumes.interactions / 1000),
        cause=f"use case {case}: variants, Personalize.recipe",
        notes=(*_training_notes(setting, by_hours), *changed),
    )
    yield Line(
        where=where,
        group=Group.LISTS,
        what="batch inference",
        item=listed_by(variant.recipe),
        quantity=setting.trainings * setting.lists / 1000,
        cause=f"stage {setting.stage.name}: audience; use case {case}: variants, Personalize.recipe",
        notes=(*setting.lists_notes, *changed),
    )


def campaign_lines(setting: Setting, variant: Personalize) -> Iterator[Line]:
    """Of a campaign that is there all month. That of the second generation is counted as if it billed its
    minimum while nobody asks, which nobody has seen on a bill yet: the dearer reading.
    """
    campaign = setting.use_case.campaign_in(setting.stage.name)
    if campaign is None or setting.stage.region != setting.stage.active_regions[0]:
        return
    yield campaign_line(setting, variant, campaign.min_provisioned_tps)


def campaign_line(setting: Setting, variant: Personalize, tps: int) -> Line:
    """tps: provisioned, whoever asks."""
    asked = requests(setting)
    second = second_generation(variant.recipe)
    least = tps * 3600 * HOURS
    idle = "billed for its minimum while nobody asks: open, the dearer reading"
    return Line(
        where=setting.where(variant),
        group=Group.SERVING,
        what=f"campaign, {tps} TPS provisioned",
        item=Item.REQUESTS_SECOND if second else Item.TPS_HOUR,
        quantity=max(asked, least) / 1000 if second else max(tps, asked / 3600 / HOURS) * HOURS,
        cause=f"use case {setting.use_case.name}: variants, Personalize.campaign",
        notes=((idle,) if second else ())
        + setting.volumes.said("people", "active_share", "requests_per_day"),
    )


def requests(setting: Setting) -> float:
    """Of one use case, a month: the active people's, spread over all use cases alike."""
    volumes = setting.volumes
    return volumes.people * volumes.active_share * volumes.requests_per_day * DAYS / setting.asked


def engine_lines(setting: Setting, variant: Own | Heuristic) -> Iterator[Line]:
    """Training and lists of a variant of the engine: in functions, or where they do not suffice, in a
    container that is not deployed yet.
    """
    volumes, where = setting.volumes, setting.where(variant)
    case, notes = setting.use_case.name, (*setting.lists_notes, *setting.runs_notes)
    algorithm = variant.algorithm if isinstance(variant, Own) else "demographic"
    sizes = Sizes(int(volumes.interactions), volumes.people, volumes.items)
    needed = sizes.needed_mb(algorithm)
    seconds = train_seconds(volumes.interactions, _learns(setting, variant))
    cause = f"use case {case}: variants, {type(variant).__name__}.memory_mb"
    if seconds + CALL_SECONDS > LONGEST_SECONDS or needed > MOST_MB:
        yield from _in_a_container(setting, variant, seconds, needed, cause)
        return
    memory = max(variant.memory_mb, needed)
    if memory > variant.memory_mb:
        notes = (f"the function needs memory_mb {needed:,}: with {variant.memory_mb:,} it refuses", *notes)
    yield _function(
        setting, variant, "training", Group.TRAINING, setting.trainings, seconds + CALL_SECONDS, memory, notes
    )
    calls = setting.trainings * setting.shards
    each = CALL_SECONDS + LIST_MICROSECONDS / 1e6 * setting.lists / setting.shards
    yield _function(setting, variant, "lists", Group.LISTS, calls, each, variant.memory_mb, notes)
    yield Line(
        where=where,
        group=Group.LISTS,
        what="calls of functions",
        item=Item.LAMBDA_REQUEST,
        quantity=calls + setting.trainings,
        cause=cause,
        notes=notes,
    )


def train_seconds(interactions: float, learning_share: float) -> float:
    """Of one training, on average; learning_share: of the trainings that learn weights again."""
    kept = TRAIN_SECONDS + TRAIN_MICROSECONDS_PER_EVENT / 1e6 * interactions
    return kept * (1 + (LEARNING_FACTOR - 1) * learning_share)


def dataset_gb(setting: Setting) -> float:
    """Of one extract."""
    volumes, use_case = setting.volumes, setting.use_case
    size = volumes.interactions * volumes.interaction_bytes
    size += volumes.people * volumes.person_bytes if use_case.users else 0
    size += volumes.items * volumes.item_bytes if use_case.items else 0
    return size / GB


def _learns(setting: Setting, variant: Own | Heuristic) -> float:
    if not isinstance(variant, Own) or variant.algorithm != "hybrid":
        return 0.0
    if not variant.relearn_days or not setting.trainings:
        return 1.0
    return min(1.0, DAYS / variant.relearn_days / setting.trainings)


def _function(
    setting: Setting,
    variant: Own | Heuristic,
    what: str,
    group: Group,
    calls: float,
    seconds: float,
    memory_mb: int,
    notes: tuple[str, ...],
) -> Line:
    return Line(
        where=setting.where(variant),
        group=group,
        what=f"{what} in functions of {memory_mb:,} MB, {seconds:,.0f} s each",
        item=Item.LAMBDA_GB_SECOND,
        quantity=calls * seconds * memory_mb / 1024,
        cause=f"use case {setting.use_case.name}: variants, {type(variant).__name__}.memory_mb",
        notes=("seconds as measured on another machine (docs/variants.md)", *notes),
    )


def _in_a_container(
    setting: Setting, variant: Own | Heuristic, seconds: float, needed_mb: int, cause: str
) -> Iterator[Line]:
    """As long as two processors of a function, in a container of so much memory."""
    total = seconds + CALL_SECONDS + LIST_MICROSECONDS / 1e6 * setting.lists
    hours = setting.trainings * total / 3600
    gb = max(8.0, needed_mb / 1024)
    why = f"{seconds:,.0f} s and {needed_mb:,} MB fit into no function: a container, not deployed yet"
    notes = (why, *setting.lists_notes, *setting.runs_notes)
    what = "training and lists in a container"
    amounts = (
        (Item.PROCESSOR_HOUR, 2 * hours, f"{what}, 2 vCPU"),
        (Item.MEMORY_GB_HOUR, gb * hours, f"{what}, {gb:,.0f} GB"),
    )
    where = setting.where(variant)
    yield from lines_of(amounts, where=where, group=Group.TRAINING, cause=cause, notes=notes)


def _training_notes(setting: Setting, by_hours: bool) -> tuple[str, ...]:
    volumes = setting.volumes
    if not by_hours:
        return volumes.said("people", "interactions_per_person")
    if volumes.training_hours is None:
        return (f"{volumes.hours:.2g} hours each by the published calculation's guess (assumed)",)
    return volumes.said("training_hours")
