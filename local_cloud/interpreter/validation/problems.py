"""What is wrong with a definition, and where."""

from collections.abc import Iterator
from dataclasses import dataclass

SCHEMA = "SCHEMA_VALIDATION_FAILED"
NO_TARGET = "MISSING_TRANSITION_TARGET"
NO_END = "MISSING_END_STATE"
NO_JSON = "INVALID_JSON_DESCRIPTION"
NO_JSONATA = "INVALID_JSONATA_EXPRESSION"
UNSUPPORTED_JSONATA = "UNSUPPORTED_JSONATA_EXPRESSION"
SAME_NAME = "DUPLICATE_STATE_NAME"


@dataclass(frozen=True)
class Problem:
    """`code` as ValidateStateMachineDefinition answers it; `location` as in /States/A/Next, None for all."""

    code: str
    message: str
    location: str | None

    def __str__(self) -> str:
        return f"{self.code}: {self.message} at {self.location or 'null'}"


Problems = Iterator[Problem]


def schema(message: str, location: str) -> Problem:
    return Problem(SCHEMA, message, location)
