"""What a switch has to do with, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class SwitchStepProps:
    """key: by which the functions know it. title: of its state. if_asked: whether it is left out unless a
    region is asked to stop. there: whether it acts in such regions, or in this one. poll_seconds: between two
    looks, of a step that waits; limit_minutes: until it is given up.
    """

    key: str
    title: str
    if_asked: bool
    there: bool
    poll_seconds: int
    limit_minutes: int


@dataclass(frozen=True, kw_only=True)
class EstateProps:
    """By names that are the same in every region of the stage.

    schedules: of EventBridge Scheduler, that are on in the active region; schedule_roles: path of their
    roles in this region. machines: state machines that are waited for. tables: replicated ones. served: by
    use case, its variants.
    """

    schedules: tuple[str, ...]
    schedule_roles: str
    machines: tuple[str, ...]
    tables: tuple[str, ...]
    served: Mapping[str, tuple[str, ...]]

    def as_json(self) -> dict[str, Any]:
        """As the functions take it."""
        return {
            "schedules": list(self.schedules),
            "machines": list(self.machines),
            "tables": list(self.tables),
            "served": [
                {"useCase": use_case, "variants": list(variants)}
                for use_case, variants in self.served.items()
            ],
        }
