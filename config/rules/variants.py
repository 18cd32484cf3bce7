"""What the variants of a use case must obey."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from config.derived.algorithms import ALGORITHMS, KIND, is_attribute
from config.derived.recipes import lists_for_items
from config.types.errors import Problem
from config.types.use_case import UseCase
from config.types.variants import Campaign, Heuristic, Own, OwnRealtime

_MEMORY_MB = (128, 10_240)
"""That a function can have (CreateFunction, MemorySize)."""
_MOST_DAYS = 35
_MOST_IDLE_DAYS = 7
"""PutMetricAlarm, Period: of all evaluation periods together."""
_SIMILAR_BY_SCIPY = ("user-neighbours",)
"""Algorithms; SciPy is not where a stored model answers in real time."""
_REALTIME_MB = (512, 10_240)
"""Below it there is no room for a model beside Python and NumPy."""
_LARGEST_CONFIGURATION = 65_536
"""Bytes. It travels in a step's input, of which a state machine takes 256 KB in all."""


def variant_problems(use_case: UseCase) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    names = [variant.name for variant in use_case.variants]
    if not names:
        rule = "must name one: who makes the lists, Personalize(), Own() or Heuristic()"
        yield about("variants", names, rule)
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield about("variants", name, "must not be named twice")
    yield from _disagreements(use_case)
    if use_case.personalize and use_case.personalize.campaign:
        yield from _campaign_problems(use_case, use_case.personalize.campaign)
    if use_case.own:
        yield from _own_problems(use_case, use_case.own)
    if use_case.heuristic:
        yield from _heuristic_problems(use_case, use_case.heuristic)


def _disagreements(use_case: UseCase) -> Iterator[Problem]:
    """Variants are compared, and stand in for one another: their lists belong to the same ones."""
    belonging = [(variant.name, lists_for_items(variant)) for variant in use_case.variants]
    items, users = ([name for name, of in belonging if of is answer] for answer in (True, False))
    if items and users:
        found = f"those of {', '.join(items)} belong to items, of {', '.join(users)} to users"
        rule = f"the lists of all variants must belong to users, or all to items: {found}"
        yield Problem(f"use case {use_case.name}", "variants", [name for name, _ in belonging], rule)


def _campaign_problems(use_case: UseCase, campaign: Campaign) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    field = "variants[personalize].campaign"
    if campaign.min_provisioned_tps < 1:
        yield about(f"{field}.min_provisioned_tps", campaign.min_provisioned_tps, "must be at least 1")
    if not 0 <= campaign.idle_days <= _MOST_IDLE_DAYS:
        watched = (
            f"must be from 1 to {_MOST_IDLE_DAYS} days, as far as an alarm looks back, or 0 for no alarm"
        )
        yield about(f"{field}.idle_days", campaign.idle_days, watched)
    if not campaign.stages:
        yield about(f"{field}.stages", campaign.stages, "must name a stage; no campaign is None instead")


def _own_problems(use_case: UseCase, own: Own) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    field = f"variants[{own.name}]"
    known = ", ".join(ALGORITHMS)
    if own.algorithm not in ALGORITHMS:
        yield about(f"{field}.algorithm", own.algorithm, f"must be an algorithm of the engine: {known}")
    yield from _training_problems(use_case, own)
    if own.relearn_days is not None and not 1 <= own.relearn_days <= _MOST_DAYS:
        kept = f"must be from 1 to {_MOST_DAYS} days, as long as models are kept, or None"
        yield about(f"{field}.relearn_days", own.relearn_days, kept)
    if own.realtime:
        yield from _realtime_problems(use_case, own.realtime)
        if own.lists_for_items and own.algorithm in _SIMILAR_BY_SCIPY:
            without = f"answers no similar items in real time, for which {own.algorithm} needs SciPy"
            yield about(f"{field}.realtime", own.algorithm, without)
    if own.configuration is not None:
        rule = _configuration_rule(own.configuration, own.algorithm)
        if rule:
            yield about(f"{field}.configuration", str(own.configuration), rule)


def _realtime_problems(use_case: UseCase, realtime: OwnRealtime) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    field = f"variants[{Own.name}].realtime"
    low, high = _REALTIME_MB
    if not low <= realtime.memory_mb <= high:
        yield about(f"{field}.memory_mb", realtime.memory_mb, f"must be from {low} to {high}")
    if not realtime.stages:
        yield about(f"{field}.stages", realtime.stages, "must name a stage; no real time is None instead")
    if use_case.endpoint is None:
        yield about(field, None, "answers an endpoint that has realtime, and there is no endpoint")


def _training_problems(use_case: UseCase, variant: Own | Heuristic) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    field = f"variants[{variant.name}]"
    low, high = _MEMORY_MB
    if not low <= variant.memory_mb <= high:
        yield about(f"{field}.memory_mb", variant.memory_mb, f"must be from {low} to {high}")
    if variant.seed < 0:
        yield about(f"{field}.seed", variant.seed, "must be at least 0")


def _heuristic_problems(use_case: UseCase, heuristic: Heuristic) -> Iterator[Problem]:
    yield from _training_problems(use_case, heuristic)
    about = partial(Problem, f"use case {use_case.name}", f"variants[{heuristic.name}].columns")
    if heuristic.columns and use_case.users is None:
        yield about(heuristic.columns, "must be columns of the users dataset, and there is none")
        return
    columns = use_case.users.columns if use_case.users else ()
    usable = [column.name for column in columns if is_attribute(column)]
    for name in dict.fromkeys(heuristic.columns):
        if heuristic.columns.count(name) > 1:
            yield about(name, "must not be named twice")
        if name not in usable:
            known = f"must be a number or a categorical column of the users: {', '.join(usable) or 'none is'}"
            yield about(name, known)


def _configuration_rule(file: Path, algorithm: str) -> str | None:
    """What it holds in detail, the engine itself checks before it trains."""
    try:
        content = file.read_bytes()
        described = json.loads(content)
    except OSError as problem:
        return f"cannot be read: {problem.strerror or problem}"
    except ValueError as problem:
        return f"must be JSON, as the engine writes it: {problem}"
    if len(content) > _LARGEST_CONFIGURATION:
        return f"must not have more than {_LARGEST_CONFIGURATION:,} bytes, and has {len(content):,}"
    kind = described.get(KIND) if isinstance(described, dict) else None
    if kind != algorithm:
        return f"must describe the algorithm {algorithm}, and its {KIND} is {kind!r}"
    return None
