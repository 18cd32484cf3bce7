"""Whether it is this region's turn to tell people: nobody is told twice in a week, by two regions neither.

Claims are copied from region to region late, and conditions look at one region's copy only. So one region
tells at a time, and it asks the others; and after a region was lost nobody is told any more in a week in
which it may have told people. Rather is somebody not told than told twice.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.errors import Fenced
from pipeline.notifications.weeks import week_in_doubt, week_of
from pipeline.regions.fence import Fence


@dataclass(frozen=True)
class Turn:
    """epoch: in which nobody else tells people in this week."""

    epoch: int
    week: str


def begun(fence: Fence, run: str, time_zone: str) -> Turn:
    """Raises: Fenced, if another region may tell people in the run's week, or may have told them;
    UnknownFormat.
    """
    epoch, week = fence.alone(), week_of(run, time_zone)
    if epoch.lost and week <= week_in_doubt(epoch.since, time_zone):
        raise Fenced(
            f"{' and '.join(epoch.lost)} may have told people in {week}, and what it wrote of that before "
            f"{epoch.since} may not be here: nobody is told again; the next week's run tells people as usual"
        )
    return Turn(epoch.number, week)


def goes_on(fence: Fence, turn: int) -> None:
    """turn: its epoch. Raises: Fenced, if people may be told by another region meanwhile; UnknownFormat."""
    fence.alone(number=turn)
