"""What was found before any of it was removed: the next run goes on with it, and the proof asks for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from operations.leaving.scope import Scope, Thing
from pipeline.errors import PipelineError

FOLDER = Path(".decommission")


class JournalDamaged(PipelineError):
    """The journal cannot be read; the message says which file it is."""


@dataclass(frozen=True)
class Recorded:
    """at: when it was first seen, UTC."""

    thing: Thing
    at: str


@dataclass(frozen=True)
class Journal:
    """A file for account, stage and region; things are added and never taken out."""

    file: Path

    @classmethod
    def of(cls, scope: Scope) -> Journal:
        return cls(FOLDER / f"{scope.account}-{scope.stage}-{scope.region}.json")

    def read(self, scope: Scope) -> list[Recorded]:
        """Those of the scope's use cases. Raises: JournalDamaged, if the file is something else."""
        try:
            lines = json.loads(self.file.read_text(encoding="utf-8"))
            found = [Recorded(Thing(**line["thing"]), line["at"]) for line in lines]
        except FileNotFoundError:
            return []
        except (ValueError, KeyError, TypeError) as error:
            raise JournalDamaged(
                f"{self.file} cannot be read ({error}): put it aside, and only what is found from now on "
                "will be in the proof"
            ) from error
        return [one for one in found if not one.thing.of or scope.holds(one.thing.of)]

    def add(self, things: Sequence[Thing], at: str, scope: Scope) -> None:
        """Written whole or not at all. Raises: JournalDamaged, if what is there is something else."""
        everything = Scope(scope.account, scope.region, scope.stage)
        before = self.read(everything)
        known = {(one.thing.kind, one.thing.handle) for one in before}
        new = [Recorded(one, at) for one in things if (one.kind, one.handle) not in known]
        if not new:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.file.with_suffix(".new")
        fresh.write_text(json.dumps([_line(one) for one in (*before, *new)], indent=1), encoding="utf-8")
        fresh.replace(self.file)


def _line(one: Recorded) -> dict[str, Any]:
    return {"thing": vars(one.thing) | {"details": dict(one.thing.details)}, "at": one.at}
