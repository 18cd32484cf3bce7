"""Plans a run: pins week and generation, marks suppressed addresses, cuts the recipients into shards."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from pipeline import keys
from pipeline.csv_rows import rows
from pipeline.errors import GenerationMissing, ProviderUnavailable
from pipeline.generations import Generations
from pipeline.notifications.arms import Arms
from pipeline.notifications.recipients import COLUMNS, Recipient
from pipeline.notifications.shards import Shard
from pipeline.notifications.turns import begun
from pipeline.regions.fence import Fence
from pipeline.storage import Bucket


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A run that begins. sends_emails: whether the account's suppression list matters. others: the variants
    besides, whose lists an experiment may give people.
    """

    notification: str
    use_case: str
    variant: str
    run: str
    time_zone: str
    recipients_key: str
    items_key: str
    users_per_shard: int
    sends_emails: bool
    others: tuple[str, ...] = ()


class Planned(TypedDict):
    """shardsKey: of the list of shards. users, items: how many there are. epoch: in which nobody else tells
    people.
    """

    epoch: int
    week: str
    generation: str
    folder: str
    shardsKey: str
    shards: int
    users: int
    items: int
    suppressedAddresses: int


def plan_notifications(
    bucket: Bucket, generations: Generations, fence: Fence, ses: Any, plan: Plan
) -> Planned:
    """Writes the shards, their list and the items' titles; repeating it writes the same.

    Every message of the run is made from the generations that are published now, whatever is published later,
    and of the variant that the experiment of now gives its user.
    Raises: Fenced, if another region may tell people in this week, or may have told them; GenerationMissing,
    ProviderUnavailable, InvalidInput, StorageFailed, UnknownFormat.
    """
    turn = begun(fence, plan.run, plan.time_zone)
    pointer = generations.pointer()
    if pointer is None:
        raise GenerationMissing(
            f"nothing is published of {plan.use_case} for {plan.variant}: there is nothing to tell of yet"
        )
    suppressed = frozenset(_suppressed(ses)) if plan.sends_emails else frozenset()
    folder = keys.notifications(plan.notification, plan.run)
    titles = dict(rows(bucket, plan.items_key, ("ITEM_ID", "TITLE")))
    bucket.write_json(f"{folder}titles.json", titles)
    arms = Arms.pinned(generations, plan.others)
    found = (
        arms.with_list(Recipient.of_row(row, suppressed))
        for row in rows(bucket, plan.recipients_key, COLUMNS)
    )
    shards: list[Shard] = []
    while recipients := list(islice(found, plan.users_per_shard)):
        number = len(shards)
        key = keys.shard(folder, number)
        lines = (json.dumps(recipient.as_line(), ensure_ascii=False) for recipient in recipients)
        bucket.write(key, "\n".join(lines).encode(), "application/jsonl")
        shards.append(Shard(key=key, number=number, users=len(recipients)))
    bucket.write_json(f"{folder}shards.json", [asdict(shard) for shard in shards])
    return {
        "epoch": turn.epoch,
        "week": turn.week,
        "generation": pointer.generation,
        "folder": folder,
        "shardsKey": f"{folder}shards.json",
        "shards": len(shards),
        "users": sum(shard.users for shard in shards),
        "items": len(titles),
        "suppressedAddresses": len(suppressed),
    }


def _suppressed(ses: Any) -> Iterator[str]:
    """The account's addresses that bounced or complained."""
    token: dict[str, str] = {}
    while True:
        try:
            page = ses.list_suppressed_destinations(PageSize=1000, **token)
        except (BotoCoreError, ClientError) as error:
            raise ProviderUnavailable(f"SES does not tell the suppression list: {error}") from error
        yield from (entry["EmailAddress"].lower() for entry in page["SuppressedDestinationSummaries"])
        if not page.get("NextToken"):
            return
        token = {"NextToken": page["NextToken"]}
