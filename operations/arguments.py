"""What arguments must be besides what argparse asks of them, all that is wrong at once."""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.notifications import NOTIFICATIONS
from config.schema import StageConfig
from config.stages import STAGES
from config.use_cases import USE_CASES
from operations.leaving.command import DECOMMISSION


@dataclass(frozen=True)
class Known:
    """Names that arguments may have."""

    stages: Sequence[StageConfig]
    use_cases: Sequence[str]
    notifications: Sequence[str] = ()


def configured() -> Known:
    return Known(STAGES, [one.name for one in USE_CASES], [one.name for one in NOTIFICATIONS])


def wrong(options: argparse.Namespace, known: Known) -> list[str]:
    """A sentence for each argument that cannot be meant, with what can be chosen instead.

    What decommissioning is asked of may be gone from the configuration: it looks at what is there.
    """
    named = () if options.command == DECOMMISSION else (*_places(options, known), *_names(options, known))
    return [*named, *_numbers(options)]


def _places(options: argparse.Namespace, known: Known) -> Iterator[str]:
    name, region = getattr(options, "stage", None), getattr(options, "region", None)
    if name is None:
        return
    stage = next((one for one in known.stages if one.name == name), None)
    if stage is None:
        yield _none("stage", name, [one.name for one in known.stages])
        return
    # A local cloud may have a region more than its configuration.
    if isinstance(region, str) and region not in stage.regions and not stage.loopback_http:
        yield f"stage {name}: {_none('region', region, stage.regions)}"


def _names(options: argparse.Namespace, known: Known) -> Iterator[str]:
    for kind, names in (("use_case", known.use_cases), ("notification", known.notifications)):
        asked = getattr(options, kind, None)
        for name in [asked] if isinstance(asked, str) else asked or ():
            if name not in names:
                yield _none(kind.replace("_", " "), name, names)


def _none(kind: str, name: str, names: Sequence[str]) -> str:
    return f"there is no {kind} {name!r}: choose from {', '.join(names) or 'none: there are none'}"


def _numbers(options: argparse.Namespace) -> Iterator[str]:
    for name in ("seconds", "last", "days"):
        number = getattr(options, name, None)
        if number is not None and not 0 < number < math.inf:
            yield f"--{name} must be a number above 0, got {number:g}"
    pause = getattr(options, "pause", None)
    if pause is not None and not 0 <= pause < math.inf:
        yield f"--pause must be a number of at least 0, got {pause:g}"
