"""Whether this region may act: as far as it has heard, and, before what cannot be undone, by asking."""

from __future__ import annotations

from collections.abc import Mapping
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
        answer that could have been switched to; UnknownFormat.
        """
        epoch = self.beginning()
        if number is not None and number != epoch.number:
            raise Fenced(
                f"what began in epoch {number} does not go on in epoch {epoch.number}: start another"
            )
        for region, epochs in self.others.items():
            try:
                theirs = epochs.current()
            except (ClientError, BotoCoreError) as error:
                if region in epoch.lost:
                    continue
                raise Fenced(
                    f"{region} does not answer ({type(error).__name__}), and may have been switched to: "
                    "try again when it does, or take over anew and say that it is lost"
                ) from error
            if theirs.term.rank > epoch.term.rank:
                raise Fenced(f"{epoch.region} does nothing: {theirs.words}")
        return epoch


def active_here(client: Any, table: str) -> Epoch:
    """For an operator, whose word is that the client's region is active as long as nobody has switched.

    Raises: Fenced, UnknownFormat.
    """
    region = str(client.meta.region_name)
    return Fence(Epochs(client, table, region, region)).acting()
