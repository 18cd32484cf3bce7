"""`operations explain`: why somebody gets what they get."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.derived.names import copies_bucket_name, serving_table_name
from config.schema import EndpointKind, StageConfig, UseCase
from config.stages import STAGES
from config.use_cases import USE_CASES
from engine.serving import artifacts
from operations.estate.data_bucket import data_bucket_name
from operations.explaining.capping import kept_down
from operations.explaining.history import History, history
from operations.explaining.lists import Stored, answered, reading, stored
from operations.explaining.resting import Rested, rested
from operations.explaining.telling import Explanation, Near, lines
from pipeline import keys
from pipeline.errors import InvalidInput, ObjectMissing, StorageFailed
from pipeline.http.problems import Gone
from pipeline.lists.caps import Cap
from pipeline.serving.settings import OWN
from pipeline.serving.table import Table, TableFailed
from pipeline.serving_items import fitting, user_key
from pipeline.storage import Bucket
from pipeline.withholding.deny_list import DenyList
from pipeline.withholding.items import Denial

EXPLAIN = "explain"
_NEAREST = 3
_DAY = 86_400


def add_command(commands: Any, stage: argparse.ArgumentParser) -> None:
    explain = commands.add_parser(
        EXPLAIN,
        parents=[stage],
        help="why somebody gets what they get: history, own items, every model's list, what is answered",
    )
    explain.add_argument("--use-case", required=True, help="by its name in the configuration")
    explain.add_argument("--user", required=True, help="the person; of a use case of similar items the item")
    explain.add_argument("--item", help="why it is in the list, or is not")
    explain.add_argument("--json", action="store_true", help="all of it, as JSON")


def run(options: argparse.Namespace, clients: Callable[[str], Any], clock: Callable[[], float]) -> None:
    """clients: makes an AWS client for a service's name. clock: seconds since 1970.

    Raises: InvalidInput, if the use case is not there; ObjectMissing, StorageFailed, ClientError.
    """
    dynamodb = clients("dynamodb")
    stage, case = _configured(options, dynamodb.meta.region_name)
    bucket = Bucket(clients("s3"), data_bucket_name(clients("cloudformation"), options.stage))
    table = reading(dynamodb, serving_table_name(options.stage), clock)
    try:
        found, kept = answered(table, case, options.user), stored(table, case, options.user)
    except (TableFailed, Gone) as problem:
        raise StorageFailed(f"the table {table.name} cannot be read: {problem}") from problem
    newest = next((one.generation for one in kept if one.served), None)
    known = None
    if newest and not _of_items(case):
        known = history(bucket, case, newest, options.user)
    told = Explanation(
        subject=options.user,
        use_case=case.name,
        history=known,
        stored=kept,
        answer=found,
        unheard=_unheard(stage, known, case, options.user) if newest and _without_list(kept) else None,
        item=options.item,
        denied=_denied(table, case, options.item),
        near=_near(bucket, case, known, options.item, [one.generation for one in kept if one.variant == OWN]),
        realtime=bool(case.endpoint and case.endpoint.realtime),
        capped=_capped(bucket, case, kept, options.item),
        rested=_rested(_with_copies(bucket, stage, dynamodb.meta.region_name), case, kept, options),
    )
    if options.json:
        print(json.dumps(told.as_json, indent=2, ensure_ascii=False, default=list))
    else:
        sys.stdout.writelines(f"{line}\n" for line in lines(told))


def _configured(options: argparse.Namespace, region: str) -> tuple[StageConfig, UseCase]:
    """As they are in the region. Raises: InvalidInput."""
    stage = next(one for one in STAGES if one.name == options.stage)
    case = next(one for one in USE_CASES if one.name == options.use_case)
    there = case.in_place(stage.name, region)
    if there is None:
        raise InvalidInput(f"the use case {case.name} is absent from {region}")
    return stage, there


def _denied(table: Table, case: UseCase, item: str | None) -> Denial | None:
    current = DenyList(table.client, table.name, case.name, table.clock).current() if item else ()
    return next((denial for denial in current if denial.item == item), None)


def _capped(bucket: Bucket, case: UseCase, kept: Iterable[Stored], item: str | None) -> tuple[Cap, ...]:
    served = next((one for one in kept if one.served and one.items is not None), None)
    if item is None or served is None or served.items is None:
        return ()
    return kept_down(bucket, case, served.generation, served.items, item)


def _rested(
    bucket: Bucket, case: UseCase, kept: Iterable[Stored], options: argparse.Namespace
) -> Rested | None:
    served = next((one for one in kept if one.served and one.items is not None), None)
    if options.item is None or served is None or served.items is None:
        return None
    return rested(bucket, case, served.variant, served.generation, served.items, options.user, options.item)


def _with_copies(bucket: Bucket, stage: StageConfig, region: str) -> Bucket:
    """And what other regions that may be the active one have written."""
    if len(stage.active_regions) == 1:
        return bucket
    name = copies_bucket_name(stage.name, stage.account, region)
    return replace(bucket, copies=Bucket(bucket.client, name))


def _of_items(case: UseCase) -> bool:
    return case.endpoint is not None and case.endpoint.kind == EndpointKind.SIMILAR


def _without_list(kept: Iterable[Any]) -> bool:
    return all(one.items is None for one in kept if one.served)


def _unheard(stage: StageConfig, known: History | None, case: UseCase, person: str) -> str | None:
    """Why nobody has a list for the person, as far as that can be told from data and configuration."""
    if known is None or known.events is None:
        return None
    run, days = known.run, stage.audience.active_within_days
    sk = f"{case.variants[0].name}#{run}"
    if fitting(user_key(case.name, person), sk, (), 0, list_bytes=case.list_bytes) is None:
        return f"the id is too long for a stored list of {case.list_bytes:,} bytes (list_bytes)"
    if not known.events and known.about is None:
        return f"run {run} knew nothing of the person: no event, no row among the users"
    if days is not None and not known.events:
        return f"no event at all, and only who was active within {days} days gets a list"
    record = keys.run_record(case.name, case.variants[0].name, run)
    return f"run {run} knew the person: its record {record} counts who got no list"


def _near(
    bucket: Bucket, case: UseCase, known: History | None, item: str | None, generations: list[str]
) -> list[Near] | None:
    """Items of the history that are most like the item. None: nobody asks, or there is no stored model."""
    if item is None or known is None or not generations or not known.events:
        return None
    with tempfile.TemporaryDirectory(prefix="model-") as folder:
        file = Path(folder) / "model.rec"
        try:
            with bucket.open(keys.model(case.name, OWN, generations[0])) as body:
                file.write_bytes(body.read())
        except ObjectMissing:
            return None
        model = artifacts.load(file)
        [alike] = model.similar_items([item], len(model.item_ids))
        likeness = dict(zip(alike.item_ids, alike.scores, strict=True))
    own = dict.fromkeys(event.item for event in known.events)
    near = [Near(name, likeness[name]) for name in own if likeness.get(name, 0) > 0]
    return sorted(near, key=lambda one: -one.likeness)[:_NEAREST]
