"""One shard of recipients: its users' recommendations, one user after the other, until the time is up."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypedDict

from botocore.exceptions import ClientError

from pipeline import keys
from pipeline.batch_write import is_busy, pause
from pipeline.errors import TableBusy
from pipeline.notifications.choices import Outcome, recommended
from pipeline.notifications.recipients import Recipient
from pipeline.notifications.telling import Teller
from pipeline.serving_items import popular_key, user_key
from pipeline.storage import Bucket, storage_errors

_KEYS_PER_READ = 50
_READS = 8


@dataclass(frozen=True, kw_only=True)
class Shard:
    """One of the list that the plan writes. key: of its recipients, one a line."""

    key: str
    number: int
    users: int


class Progress(TypedDict):
    """next: number of the recipient that the next call begins with. done: there is none left."""

    next: int
    done: bool


@dataclass(frozen=True)
class Lists:
    """Recommendations of one pinned generation; `client` is a DynamoDB client."""

    client: Any = field(compare=False)
    table: str
    use_case: str
    variant: str
    generation: str
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)
    rng: random.Random = field(default_factory=random.Random, compare=False)

    def popular(self) -> tuple[str, ...]:
        key = popular_key(self.use_case, self.variant, self.generation)
        item = self.client.get_item(TableName=self.table, Key=key).get("Item", {})
        return _items(item)

    def of(self, users: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """By user; users without a list are missing. Raises: TableBusy."""
        keys_of = {user_key(self.use_case, user): user for user in users}
        sort_key = {"S": f"{self.variant}#{self.generation}"}
        asked = [{"pk": {"S": pk}, "sk": sort_key} for pk in keys_of]
        found: dict[str, tuple[str, ...]] = {}
        for attempt in range(_READS):
            if not asked:
                break
            pause(attempt, self.sleep, self.rng)
            try:
                answer = self.client.batch_get_item(RequestItems={self.table: {"Keys": asked}})
            except ClientError as error:
                if not is_busy(error):
                    raise
                continue
            for item in answer["Responses"].get(self.table, ()):
                found[keys_of[item["pk"]["S"]]] = _items(item)
            asked = answer.get("UnprocessedKeys", {}).get(self.table, {}).get("Keys", [])
        if asked:
            raise TableBusy(f"{self.table}: {len(asked)} lists were not read in {_READS} attempts")
        return found


def _items(item: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(element["S"] for element in item.get("items", {}).get("L", ()))


def notify_shard(
    bucket: Bucket,
    lists: Lists,
    teller: Teller,
    shard: Shard,
    *,
    folder: str,
    first: int,
    dry_run: bool,
    has_time: Callable[[], bool],
) -> Progress:
    """Answers where the next call has to begin; `done` if nowhere.

    What became of the users is written to a file named after the first of them: a call that is repeated
    replaces it. Raises: SendingNotAllowed, ProviderUnavailable, TableBusy, StorageFailed.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    previews: list[dict[str, Any]] = []
    number = first
    for recipient, items in _with_items(_recipients(bucket, shard.key)[first:], lists, teller):
        if not has_time():
            break
        if dry_run:
            outcomes, chosen = teller.preview(recipient, items)
            previews.append(_preview(recipient, outcomes, chosen))
        else:
            outcomes = teller.tell(recipient, items)
        for channel, outcome in outcomes.items():
            counts[channel, outcome.kind, outcome.reason] += 1
        number += 1
    if previews:
        lines = "\n".join(json.dumps(preview, ensure_ascii=False) for preview in previews)
        key = f"{folder}dry-run/shard-{shard.number:05d}-{first:05d}.jsonl"
        bucket.write(key, lines.encode(), "application/jsonl")
    rows = [[*what, count] for what, count in sorted(counts.items())]
    result: Progress = {"next": number, "done": number >= shard.users}
    bucket.write_json(result_key(folder, shard.number, first), {**result, "counts": rows})
    return result


def result_key(folder: str, shard: int, first: int) -> str:
    return f"{folder}results/shard-{shard:05d}-{first:05d}.json"


def failure_key(folder: str) -> str:
    """Why a shard failed last."""
    return f"{folder}results/failure.json"


def _recipients(bucket: Bucket, key: str) -> list[Recipient]:
    with bucket.open(key) as body, storage_errors(f"reading {bucket.url(key)}"):
        return [Recipient.of_line(json.loads(line)) for line in body.read().splitlines()]


def _with_items(
    recipients: Sequence[Recipient], lists: Lists, teller: Teller
) -> Iterator[tuple[Recipient, tuple[str, ...]]]:
    """Who has no list of the variant that is due gets the run's own, and no variant any more."""
    popular, titles = {lists: lists.popular()}, teller.content.titles
    for start in range(0, len(recipients), _KEYS_PER_READ):
        group = recipients[start : start + _KEYS_PER_READ]
        found: dict[str, tuple[str, ...]] = {}
        due = {recipient.user: _due(recipient, lists) for recipient in group}
        for other in dict.fromkeys(due.values()):
            found |= other.of([user for user, whose in due.items() if whose == other])
        lacking = [user for user, whose in due.items() if whose != lists and not found.get(user)]
        found |= lists.of(lacking) if lacking else {}
        for recipient in group:
            whose = due[recipient.user]
            if whose not in popular:
                popular[whose] = whose.popular()
            if recipient.user in lacking and (recipient.user in found or not popular[whose]):
                whose, recipient = lists, replace(recipient, variant=None, generation=None)
            own = frozenset(recipient.own)
            yield recipient, recommended(found.get(recipient.user), popular[whose], own, titles)


def _due(recipient: Recipient, lists: Lists) -> Lists:
    if recipient.variant is None or recipient.generation is None:
        return lists
    return replace(lists, variant=recipient.variant, generation=recipient.generation)


def _preview(recipient: Recipient, outcomes: Mapping[str, Outcome], items: Sequence[str]) -> dict[str, Any]:
    return {
        "userId": recipient.user,
        "email": recipient.email,
        "language": recipient.language,
        "items": list(items),
        "channels": {
            channel: outcome.kind + (f": {outcome.reason}" if outcome.reason else "")
            for channel, outcome in outcomes.items()
        },
    }


def shards_key(notification: str, run: str) -> str:
    return f"{keys.notifications(notification, run)}shards.json"


def shards_of(bucket: Bucket, notification: str, run: str) -> list[dict[str, Any]] | None:
    """None: the run is not planned."""
    shards: list[dict[str, Any]] | None = bucket.read_json(shards_key(notification, run))
    return shards
