"""Whether this region may act: as far as it has heard, and, before what cannot be undone, by asking."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from pipeline.errors import Fenced
from pipeline.regions.epoch import ACTIVE, Epoch
from pipeline.regions.epochs import Epochs
from pipeline.terms import Term
from pipeline.times import run_at


@dataclass(frozen=True)
class Fence:
    """epochs: of the region that this runs in. others: every other region that may be active."""

    epochs: Epochs
    others: Mapping[str, Epochs] = field(default_factory=dict)

    def acting(self) -> Epoch:
        """For what does no harm if a region that has not heard of a switch does it.

        Raises: Fenced, if another region is active; UnknownFormat.
        """
        epoch = self.epochs.current()
        if epoch.region != self.epochs.region:
            raise Fenced(f"{self.epochs.region} does nothing: {epoch.words}")
        return epoch

    def beginning(self) -> Epoch:
        """For what begins. Raises: Fenced, if another region is active, or this one being drained;
        UnknownFormat.
        """
        epoch = self.acting()
        if epoch.state != ACTIVE:
            raise Fenced(f"{epoch.region} begins nothing any more: it is {epoch.state}")
        return epoch

    def publishing(self, run: str) -> Term:
        """For a run, by its name. Raises: Fenced, also if the run is of an earlier epoch; UnknownFormat."""
        epoch = self.acting()
        if epoch.since and run < run_at(epoch.since):
            raise Fenced(
                f"the run {run} began before epoch {epoch.number} did, at {epoch.since}: start another"
            )
        return epoch.term

    def alone(self, *, number: int | None = None) -> Epoch:
        """For what cannot be undone: no other region may begin it, whatever has not been copied yet.

        number: of the epoch that it was begun in, if it goes on. Raises: Fenced, also if a region does not
        answer that could have been switched to, or if this region and another one were each the active one
        without the other, until an epoch begins in which both were asked; UnknownFormat.
        """
        epoch = self.beginning()
        if number is not None and number != epoch.number:
            raise Fenced(
                f"what began in epoch {number} does not go on in epoch {epoch.number}: start another"
            )
        known = self.epochs.history()
        for region, epochs in self.others.items():
            try:
                theirs = epochs.history()
            except (ClientError, BotoCoreError) as error:
                if region in epoch.lost and not epoch.unheard:
                    _refuse_apart(epoch, region, known)
                    continue
                raise Fenced(
                    f"{region} does not answer ({type(error).__name__}), and may have been switched to: "
                    "try again when it does, or take over anew and say that it is lost"
                ) from error
            newest = max(theirs, key=lambda one: one.term.rank, default=epoch)
            if newest.term.rank > epoch.term.rank:
                raise Fenced(f"{epoch.region} does nothing: {newest.words}")
            _refuse_apart(epoch, region, [*known, *theirs])
        return epoch


def _refuse_apart(epoch: Epoch, other: str, known: Sequence[Epoch]) -> None:
    """Of two regions that were active at the same time neither knows what the other one has done. Each was
    begun by somebody who reached one of them only; all who hear of both go by the higher rank.

    Raises: Fenced.
    """
    since = epoch.unheard or epoch.number
    for theirs in known if other in epoch.lost else ():
        if theirs.region == other and epoch.region in theirs.lost and theirs.number >= since:
            raise Fenced(
                f"{epoch.region} and {other} were each made the active region without the other; what "
                f"{other} has done is unknown: switch to {epoch.region} once more, planned, when both answer"
            )


def active_here(client: Any, table: str) -> Epoch:
    """For an operator, whose word is that the client's region is active as long as nobody has switched.

    Raises: Fenced, UnknownFormat.
    """
    region = str(client.meta.region_name)
    return Fence(Epochs(client, table, region, region)).acting()
