"""What the figures and words of a use case must obey."""

import math
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import partial

from config.derived.recipes import recommends_for_items
from config.types.caps import Fatigue
from config.types.data_checks import Change
from config.types.errors import Problem
from config.types.use_case import UseCase

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST_LIST = 500
"""Results that Personalize returns for a user at most."""
_WRITE_UNIT, MOST_UNITS = 1_024, 400
"""Bytes; an item of DynamoDB has 400 KB at most."""
_TIRING_DAYS = 28
"""Every day's events are read by every run."""
_LARGEST_SHARD = 50_000_000
"""Records that Personalize reads from one input file at most."""


def use_case_problems(use_case: UseCase) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    if not NAME.fullmatch(use_case.name):
        yield about("name", use_case.name, "must be lower-case words of letters and digits joined by _")
    if not use_case.description.strip():
        yield about("description", use_case.description, "must say what is recommended")
    if use_case.version < 1:
        yield about("version", use_case.version, "must be at least 1")
    if not 1 <= use_case.batch_results <= _LONGEST_LIST:
        yield about("batch_results", use_case.batch_results, f"must be from 1 to {_LONGEST_LIST} items")
    if not 1 <= use_case.recommendations <= use_case.batch_results:
        yield about(
            "recommendations",
            use_case.recommendations,
            f"must be from 1 to batch_results ({use_case.batch_results}), since only what the model returns "
            "can be stored",
        )
    whole, left = divmod(use_case.list_bytes, _WRITE_UNIT)
    if left or not 1 <= whole <= MOST_UNITS:
        yield about(
            "list_bytes",
            use_case.list_bytes,
            f"must be {_WRITE_UNIT:,}, or a multiple of it up to {MOST_UNITS * _WRITE_UNIT:,}: so many bytes "
            "are paid for together",
        )
    if not 0 < use_case.minimum_loaded_share <= 1:
        yield about("minimum_loaded_share", use_case.minimum_loaded_share, "must be above 0 and at most 1")
    if not 1 <= use_case.users_per_shard <= _LARGEST_SHARD:
        yield about("users_per_shard", use_case.users_per_shard, f"must be from 1 to {_LARGEST_SHARD}")
    yield from _limit_problems(use_case)
    yield from _cap_problems(use_case)
    if use_case.fatigue:
        yield from _fatigue_problems(use_case, use_case.fatigue)
    yield from _check_problems(use_case)


def _cap_problems(use_case: UseCase) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    columns = [column for column in use_case.items.columns if not column.textual] if use_case.items else []
    names = [column.name for column in columns if column.name not in ("ITEM_ID", "CREATION_TIMESTAMP")]
    for number, cap in enumerate(use_case.caps):
        within = f"caps[{number}]"
        if use_case.items is None:
            rule = "caps go by columns of the items dataset, and there is none"
            yield about(f"{within}.column", cap.column, rule)
        elif cap.column not in names:
            rule = f"must be a column of the items that several of them share: {', '.join(names) or 'none'}"
            yield about(f"{within}.column", cap.column, rule)
        if not 2 <= cap.among <= use_case.recommendations:
            rule = f"must be from 2 to recommendations ({use_case.recommendations}), which are stored"
            yield about(f"{within}.among", cap.among, rule)
        if not 1 <= cap.most < cap.among:
            rule = f"must be from 1 to below among ({cap.among}), else it caps nothing"
            yield about(f"{within}.most", cap.most, rule)
        if any((one.column, one.among) == (cap.column, cap.among) for one in use_case.caps[:number]):
            rule = f"is there already among the first {cap.among}; of two caps the smaller one would hold"
            yield about(f"{within}.column", cap.column, rule)
    if use_case.caps and use_case.endpoint and use_case.endpoint.realtime:
        rule = "what a model answers in real time is not capped: leave out caps or endpoint.realtime"
        yield about("caps", [cap.column for cap in use_case.caps], rule)


def _fatigue_problems(use_case: UseCase, fatigue: Fatigue) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    if not 1 <= fatigue.days <= _TIRING_DAYS:
        yield about("fatigue.days", fatigue.days, f"must be from 1 to {_TIRING_DAYS} days")
    if not 1 <= fatigue.shown_days <= fatigue.days:
        rule = f"must be from 1 to days ({fatigue.days}), of which they are"
        yield about("fatigue.shown_days", fatigue.shown_days, rule)
    if not 2 <= fatigue.among <= use_case.recommendations:
        rule = f"must be from 2 to recommendations ({use_case.recommendations}), which are stored"
        yield about("fatigue.among", fatigue.among, rule)
    if not 0 <= fatigue.most < fatigue.among:
        rule = f"must be from 0 to below among ({fatigue.among}), else nothing comes later"
        yield about("fatigue.most", fatigue.most, rule)
    if use_case.tracking is None:
        rule = "goes by impressions that applications post, and the use case has no tracking"
        yield about("fatigue", fatigue, rule)
    if recommends_for_items(use_case):
        yield about("fatigue", fatigue, "is of people, and the lists of this use case belong to items")
    if use_case.endpoint and use_case.endpoint.realtime:
        rule = "what a model answers in real time goes by no fatigue: leave out fatigue or endpoint.realtime"
        yield about("fatigue", fatigue, rule)


def _limit_problems(use_case: UseCase) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    for name in ("run_limit", "monthly_limit"):
        usd = getattr(use_case, name)
        if usd is None:
            continue
        if not 0 < usd < math.inf:
            yield about(name, usd, "must be US dollars above 0, or None for no limit")
        elif use_case.personalize is None:
            why = "limits what Amazon Personalize is paid, and the use case has no variant of it"
            yield about(name, usd, why)


def _check_problems(use_case: UseCase) -> Iterator[Problem]:
    about = partial(Problem, f"use case {use_case.name}")
    guards = use_case.checks.guards
    if guards.from_rows < 1:
        yield about("checks.guards.from_rows", guards.from_rows, "must be at least 1")
    for field in fields(guards):
        change = getattr(guards, field.name)
        if not isinstance(change, Change):
            continue
        within = f"checks.guards.{field.name}"
        if change.down is not None and not 0 <= change.down < 1:
            rule = "must be a share from 0 to below 1 that may be lost, or None for any"
            yield about(f"{within}.down", change.down, rule)
        if change.up is not None and not 0 <= change.up < math.inf:
            rule = "must be a share that may come besides, 1.0 for as many again, or None for any"
            yield about(f"{within}.up", change.up, rule)
