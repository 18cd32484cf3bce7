"""What the state machine says in each call of a switch's functions."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.switching.switch import Switch
from steps.request import read_request

__all__ = ["ActRequest", "Estate", "LeadRequest", "Served", "read_request"]


@dataclass(frozen=True)
class Served:
    use_case: str
    variants: tuple[str, ...]


@dataclass(frozen=True)
class Estate:
    """What a switch has to do with, by names that are the same in every region of the stage.

    schedules: those that are on in the active region. machines: those that are waited for. tables: that are
    replicated.
    """

    schedules: tuple[str, ...]
    machines: tuple[str, ...]
    tables: tuple[str, ...]
    served: tuple[Served, ...]


@dataclass(frozen=True)
class ActRequest:
    step: str
    switch: Switch
    estate: Estate


@dataclass(frozen=True)
class LeadRequest:
    """there: whether the step acts in the regions that are asked to stop, or in this one."""

    key: str
    title: str
    there: bool
    limit_minutes: float
    switch: Switch
    estate: Estate
