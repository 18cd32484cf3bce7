"""What a request asks for, of whichever source."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Asked:
    """subject: a user, or an item in a use case of similar items. unit: who is assigned to an arm: the user
    or session; None if nobody is known. Of pages that follow the first one: variant, generation: that the
    reader began with. events: ids of items that the user has just touched, oldest first.
    """

    subject: str
    unit: str | None = None
    variant: str | None = None
    generation: str | None = None
    events: tuple[str, ...] = ()
