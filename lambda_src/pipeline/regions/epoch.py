"""Epochs: times in which one region of a stage is the active one, which trains, publishes and notifies.

    region#active  <epoch, nine digits>#<region>   since when, by whose word, which regions were lost

Each is an item of its own that its region alone writes. DynamoDB copies items from region to region in no
order, and of two copies keeps the one that was written last: an item that two regions wrote could come back
as the older one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.formats import known
from pipeline.serving_items import Attributes
from pipeline.terms import Term

ACTIVE_REGION = "region#active"
"""Partition key."""
ACTIVE, DRAINING = "active", "draining"
"""States. Of a region that is being drained, runs end and none begins."""


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """since: ISO 8601, empty of an epoch that nobody began. by, why: of whoever began it, or changed its
    state. lost: regions that could not be asked when it began: what they wrote last may not be here. unheard:
    the highest epoch that was known by somebody's word only then; 0: none, all that was known had arrived.
    """

    number: int
    region: str
    since: str = ""
    state: str = ACTIVE
    by: str = ""
    why: str = ""
    lost: tuple[str, ...] = ()
    unheard: int = 0

    @property
    def term(self) -> Term:
        return Term(self.number, self.region)

    @property
    def words(self) -> str:
        since = f" since {self.since}" if self.since else ""
        return f"{self.region} is the active region{since}, in epoch {self.number}"


def first_epoch(primary: str) -> Epoch:
    """Before anybody has switched: the configuration's primary region is active."""
    return Epoch(number=0, region=primary)


def epoch_key(epoch: Epoch) -> Attributes:
    return {"pk": {"S": ACTIVE_REGION}, "sk": {"S": f"{epoch.number:09d}#{epoch.region}"}}


def item_of(epoch: Epoch) -> Attributes:
    return {
        **epoch_key(epoch),
        "epoch": {"N": str(epoch.number)},
        "region": {"S": epoch.region},
        "since": {"S": epoch.since},
        "state": {"S": epoch.state},
        "by": {"S": epoch.by},
        "why": {"S": epoch.why},
        "lost": {"L": [{"S": region} for region in epoch.lost]},
        **({"unheard": {"N": str(epoch.unheard)}} if epoch.unheard else {}),
    }


def epoch_of(item: Mapping[str, Any]) -> Epoch:
    """Raises: UnknownFormat, if a newer version wrote it."""
    known(item, "the item of the active region")
    return Epoch(
        number=int(item["epoch"]["N"]),
        region=item["region"]["S"],
        since=item["since"]["S"],
        state=item["state"]["S"],
        by=item["by"]["S"],
        why=item["why"]["S"],
        lost=tuple(region["S"] for region in item["lost"]["L"]),
        unheard=int(item.get("unheard", {"N": "0"})["N"]),
    )
