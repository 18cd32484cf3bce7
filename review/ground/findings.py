"""Rules, and what is found by them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, IntEnum

from review.changes.model import Change, Comparison, Place


class Severity(IntEnum):
    """note: said, and nothing to be done about it. low: look at it. medium: think of it. high: stop."""

    NOTE = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    @property
    def word(self) -> str:
        return self.name.lower()


class Section(Enum):
    """Of the report, in their order."""

    DATA = "Data at risk"
    ACCESS = "Access"
    WATCH = "No longer watched"
    FLOW = "Workflows"
    COST = "Cost per month"
    PLAN = "Deployment plan"
    MODEL = "Traps of Personalize"
    POLICY = "Policy findings"
    REST = "Everything else"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """what: what has changed. then: what follows, or what to do."""

    id: str
    severity: Severity
    section: Section
    what: str
    then: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """subject: the resource, by name. text: what became of it. details: longer text in `language`.
    covers: the properties of the changed resource that have been said with it; `*` is all of them.
    """

    rule: str
    place: Place
    subject: str
    text: str
    type: str = ""
    logical_id: str = ""
    details: str = ""
    language: str = ""
    covers: frozenset[str] = frozenset()


EVERYTHING = "*"
Finder = Callable[[Change], Iterator[Finding]]
"""of one changed resource"""
Survey = Callable[[Comparison], Iterator[Finding]]
"""of all changes together"""
