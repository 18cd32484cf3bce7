"""What is wrong or worth knowing about a configuration."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One broken rule: whose it is, where, which value, and what the rule says."""

    subject: str
    field: str
    value: object
    rule: str

    def __str__(self) -> str:
        return f"{self.subject}, {self.field}: {_shortened(self.value)}: {self.rule}"


class ConfigError(ValueError):
    """Every problem of every stage and use case at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "\n".join(f"  {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} problem(s) in the configuration:\n{lines}")


@dataclass(frozen=True)
class Notice:
    """Something that deploys, and yet should be known: a quota that is short, a protection that is off."""

    id: str
    stages: tuple[str, ...]
    text: str


def _shortened(value: object, limit: int = 80) -> str:
    text = repr(value)
    return text if len(text) <= limit else f"{text[: limit - 4]}...{text[-1]}"
