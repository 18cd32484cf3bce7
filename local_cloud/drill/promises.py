"""What the drill has measured, held against what is promised."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from local_cloud.demo.report import Check
from local_cloud.drill.story import Found
from local_cloud.drill.traffic import Read, Traffic
from local_cloud.drill.waits import Waits
from local_cloud.outbox.store import Email

_REMEMBERED_SECONDS = 10.0
"""Each function of the serving API goes by the pointer that it has read for 5 seconds, and for as many more
if the table does not answer it then.
"""
_SHOWN = 3
MOST_SECONDS = 60.0
"""From the loss of a region until all goes on in the other one, without waits of workflows."""


@dataclass(frozen=True, kw_only=True)
class Recovery:
    """Of one promise: seconds from the loss until it is kept again, and those of them that are waits of a
    workflow, which pass sooner here than elsewhere.
    """

    promise: str
    seconds: float
    waits: Waits = field(default_factory=Waits)

    @property
    def net(self) -> float:
        return self.seconds - self.waits.seconds

    def check(self) -> Check:
        waited = f", of them {self.waits.seconds:.1f} s in {self.waits.count} scaled waits"
        detail = f"{self.seconds:.1f} s{waited if self.waits.count else ''}; at most {MOST_SECONDS:.0f} s"
        return Check(f"RTO of {self.promise}", self.net <= MOST_SECONDS, detail)


def recoveries(found: Found, traffic: Traffic, standby: str) -> tuple[Recovery, ...]:
    assert found.lost is not None
    lost = found.lost.monotonic
    reads = [read.answered for read in traffic.reads if read.answered.status == 200]
    posts = [post.answered for post in traffic.posts if post.answered.status == 202]
    first = {
        name: min((each.ended for each in answers if each.region == standby), default=float("inf"))
        for name, answers in (("reads", reads), ("events", posts))
    }
    return (
        Recovery(promise="reads", seconds=first["reads"] - lost),
        Recovery(promise="events", seconds=first["events"] - lost),
        Recovery(promise="an active region", seconds=found.switched, waits=found.switch_waits),
        Recovery(promise="training and publishing", seconds=found.trained, waits=found.training_waits),
    )


def checks(
    found: Found,
    traffic: Traffic,
    *,
    standby: str,
    stored: set[str],
    learned: int,
    lists: Mapping[tuple[str, str], Any],
    emails: Sequence[Email],
) -> Iterator[Check]:
    """stored: ids of events in all regions; learned: how many of them there are to learn. lists: items of
    users in the serving table.
    """
    yield from (recovery.check() for recovery in recoveries(found, traffic, standby))
    failed = [read for read in traffic.reads if read.answered.status != 200]
    empty = sum(read.answered.status == 200 and not read.items for read in traffic.reads)
    again = sum(read.answered.tried > 1 for read in traffic.reads)
    yield Check(
        "reads: each is answered, by one region or the other",
        not failed,
        f"{len(traffic.reads):,} reads, {len(failed)} errors, {again} asked of the other region too; "
        f"{empty} answered without items, as a function does whose table is too slow for it",
    )
    wrong = [read for read in traffic.reads if _is_wrong(read, lists)]
    yield Check(
        "lists: none is another than is stored of its generation", not wrong,
        "; ".join([f"{len(wrong)} wrong", *map(_words, wrong[:_SHOWN])]),
    )  # fmt: skip
    older = list(_older(traffic.reads, found.epochs))
    yield Check(
        f"lists: none of an earlier epoch {_REMEMBERED_SECONDS:.0f} s after one of a later", not older,
        "; ".join([f"{len(older)} older", *map(_words, older[:_SHOWN])]),
    )  # fmt: skip
    acknowledged = {post.event for post in traffic.posts if post.answered.status == 202}
    refused = len(traffic.posts) - len(acknowledged)
    gone = acknowledged - stored
    yield Check(
        "events: all that were acknowledged are stored once the region is back",
        not gone and not refused,
        f"{len(acknowledged):,} acknowledged, {refused} not, {len(gone)} lost",
    )
    yield Check(
        "learning: the next training has the events of all regions, each once", found.learned == learned,
        f"{learned:,} in all regions, {found.learned:,} in the primary's training",
    )  # fmt: skip
    twice = _twice(emails)
    yield Check(
        "people: nobody is notified twice", bool(emails) and not twice,
        f"{len(emails):,} e-mails, {len(twice)} people got another one",
    )  # fmt: skip
    others = [outcome for outcome in found.fenced if outcome != "fenced"]
    yield Check(
        "fence: the region that comes back does nothing by itself",
        not others,
        f"{len(found.fenced)} runs begun there, {len(found.fenced) - len(others)} ended as fenced",
    )
    yield _canaries(found, standby)
    for name, count in found.uncopied.items():
        seconds = found.planned[name]
        yield Check(f"planned switch {name}: RPO 0", count == 0, f"{count} items not copied; {seconds:.1f} s")


def _canaries(found: Found, standby: str) -> Check:
    """Whoever is there sees who is lost, and each region which one is active."""
    lost, back = ([*found.canaries, {}, {}])[:2]
    unseen = standby not in lost or len(lost[standby]["unavailable"]) != 1
    seen = [
        f"{name} sees {', '.join(one['unavailable'])}" for name, one in back.items() if one["unavailable"]
    ]
    active = [name for name, one in {**back, **lost}.items() if one["active"]]
    return Check(
        "canaries: they see the lost region, that it is back, and who is active",
        not unseen and not seen and active == [standby] and len(back) > 1,
        f"lost: {'not ' if unseen else ''}seen; back: {'; '.join(seen) or 'all answer'}; active: {active}",
    )


def rpo(found: Found) -> Iterator[str]:
    """What had not been copied when the region was lost."""
    if not found.missing:
        yield "every write had been copied"
    for table, count in sorted(found.missing.items()):
        yield f"{table}: {count:,} writes not copied yet; they arrive when the region is back"


def _is_wrong(read: Read, lists: Mapping[tuple[str, str], Any]) -> bool:
    """A list that is stored for the person is answered in its order; others are answered what is popular."""
    if read.answered.status != 200:
        return False
    variant = str(read.answered.body.get("variant", ""))
    stored = lists.get((f"user#{read.use_case}#{read.person}", f"{variant}#{read.generation}"))
    if read.items and not read.generation:
        return True
    if stored is None or not read.items or read.answered.body.get("source") != "batch":
        return False
    own = [entry["S"] for entry in stored["items"]["L"]]
    places = [own.index(item) for item in read.items if item in own]
    return not places or places != sorted(places)


def _older(reads: Sequence[Read], epochs: Mapping[str, int]) -> Iterator[Read]:
    """Once somebody has got a list of an epoch, everybody does who asks later than functions remember."""
    seen: dict[str, list[tuple[float, int]]] = {}
    for read in sorted(reads, key=lambda read: read.answered.ended):
        if read.generation not in epochs:
            continue
        epoch, before = epochs[read.generation], seen.setdefault(read.use_case, [])
        if any(known > epoch and read.answered.began > at + _REMEMBERED_SECONDS for at, known in before):
            yield read
        if all(known < epoch for _, known in before):
            before.append((read.answered.ended, epoch))


def _words(read: Read) -> str:
    body = read.answered.body if isinstance(read.answered.body, Mapping) else {}
    return f"{read.use_case} in {read.answered.region}: {body.get('source')} of {read.generation or 'none'}"


def _twice(emails: Sequence[Email]) -> set[str]:
    told: set[str] = set()
    twice: set[str] = set()
    for email in emails:
        (twice if email.to in told else told).add(email.to)
    return twice
