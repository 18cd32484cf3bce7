"""Whose a name in Amazon Personalize is: the names of `names.py`, read backwards.

What a name says of its use case is how names have it: with hyphens, and with its version from the second on
(`similar-films`, `films2`).
"""

import re
from dataclasses import dataclass

from config.derived.names import RUN_LENGTH, app_name
from config.types.use_case import DatasetType

_TYPES = "|".join(DatasetType)
_DIGITS = "[0-9a-f]{8}"
_RUN = f"(?P<run>[0-9]{{8}}T[0-9]{{{RUN_LENGTH - 9}}})"


@dataclass(frozen=True)
class StageNames:
    """Of a stage; its name has neither hyphens nor dots, so that no stage's names begin like another's."""

    stage: str

    @property
    def prefix(self) -> str:
        return f"{app_name(self.stage)}-"

    def group(self, use_case: str) -> str:
        """The dataset group's name, with which all other names of the use case begin."""
        return f"{self.prefix}{use_case}"

    def of_group(self, name: str) -> str | None:
        """The use case whose dataset group bears the name; none of this stage's."""
        return self._use_case(name, "")

    def of_schema(self, name: str) -> str | None:
        return self._use_case(name, f"-(?:{_TYPES})-{_DIGITS}")

    def of_import_job(self, name: str) -> tuple[str, str] | None:
        """Use case and run."""
        return self._use_case_and_run(name, f"-(?:{_TYPES})-{_RUN}")

    def of_batch_job(self, name: str) -> tuple[str, str] | None:
        """Use case and run."""
        return self._use_case_and_run(name, f"-batch-{_RUN}")

    def _match(self, name: str, tail: str) -> re.Match[str] | None:
        whole = rf"{re.escape(self.prefix)}(?P<use_case>[a-z][a-z0-9]*(?:-[a-z0-9]+)*?){tail}"
        return re.fullmatch(whole, name)

    def _use_case(self, name: str, tail: str) -> str | None:
        found = self._match(name, tail)
        return found["use_case"] if found else None

    def _use_case_and_run(self, name: str, tail: str) -> tuple[str, str] | None:
        found = self._match(name, tail)
        return (found["use_case"], found["run"]) if found else None


def is_named_after(name: str, group: str) -> bool:
    """Whether a name begins with that of the dataset group, as a whole word."""
    return name == group or name.startswith(f"{group}-")
